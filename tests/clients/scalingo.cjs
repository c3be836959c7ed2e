// Scalingo's own client for JavaScript against the sandbox, which is controlled over HTTP.
'use strict';

const assert = require('node:assert/strict');
const { ask, begin } = require('./scalingo_control.cjs');

async function main() {
  const { client, service } = await begin();
  const app = service.hints.app;
  const deploy = () => client.Deployments.create(app, {
    deployment: { git_ref: 'v1', source_url: 'https://example.com/app.tar.gz' },
    git_ref: 'v1', source_url: 'https://example.com/app.tar.gz',
  });

  // A fault is set, strikes, and is seen.
  const { fault } = await ask('POST', '/services/scalingo/faults', {
    method: 'POST', path: '/v1/apps/*/deployments', status: 503, body: { error: 'later' },
  });
  await assert.rejects(deploy, (error) => (error.response ?? error).status === 503 || /503|later/.test(JSON.stringify(error)));
  assert.equal((await ask('GET', `/services/scalingo/faults/${fault.id}`)).fault.hits, 1);
  const { count } = await ask('GET', '/services/scalingo/requests/count?method=POST&status=503');
  assert.equal(count, 1);

  // Without it, the same call starts a deployment that ends as was decided, when the clock is put forward.
  await ask('POST', '/services/scalingo/outcomes', { outcomes: ['hook-error'] });
  const started = await deploy();
  await ask('POST', '/clock/advance', { seconds: 60, services: ['scalingo'] });
  const ended = await client.Deployments.find(app, started.id);
  assert.equal(ended.status, 'hook-error');

  // After a reset, nothing of that has been.
  await ask('POST', '/reset', { services: ['scalingo'] });
  assert.deepEqual((await ask('GET', '/services/scalingo/faults')).faults, []);
  assert.equal((await ask('GET', '/services/scalingo/requests')).count, 0);
  assert.deepEqual((await ask('GET', '/services/scalingo/state')).state.deployments, []);
  console.log('scalingo (npm): a fault was set, seen and taken back');
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
