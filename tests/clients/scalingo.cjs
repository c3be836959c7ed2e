// Scalingo's own client for JavaScript against the sandbox, which is controlled over HTTP.
'use strict';

const assert = require('node:assert/strict');
const { createRequire } = require('node:module');
const path = require('node:path');

const scalingo = createRequire(path.join(process.env.CLIENT_PACKAGES, 'package.json'))('scalingo');
const control = process.env.SANDBOX_CONTROL;

async function ask(method, path, body) {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const answer = await fetch(`${control}/__sandbox${path}`, { method, headers, body: JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${text}`);
  return text ? JSON.parse(text) : undefined;
}

async function main() {
  await ask('POST', '/reset', { services: ['scalingo'] });
  const { service } = await ask('GET', '/services/scalingo');
  const urls = { apiUrl: service.base_url, authApiUrl: service.base_url };
  const client = await scalingo.clientFromToken(service.token, urls);
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
