// Every method of Scalingo's own client for JavaScript against the sandbox, but for what the crate leaves out too.
'use strict';

const assert = require('node:assert/strict');
const { ask, begin } = require('./scalingo_control.cjs');

// Billing, contracts and two factors.
const LEFT_OUT = ['Billing', 'Contracts', 'TwoFactorAuth', 'Stats'];
const PATIENCE = 10_000;

// What takes time in the sandbox is over after a minute, and so is a quota's window.
const pass = () => ask('POST', '/clock/advance', { seconds: 61, services: ['scalingo'] });

const called = new Set();

// The same client, which notes what is called.
function noting(client) {
  const resource = (name, target) => new Proxy(target, {
    get(target, method) {
      const value = target[method];
      if (typeof value !== 'function') return value;
      return (...given) => {
        called.add(`${name}.${method}`);
        return value.apply(target, given);
      };
    },
  });
  return new Proxy(client, {
    get: (target, name) => (/^[A-Z]/.test(name) ? resource(name, target[name]) : target[name]),
  });
}

function methods(client) {
  const names = new Set();
  for (const type of [client, Object.getPrototypeOf(client)]) {
    Object.getOwnPropertyNames(type).filter((name) => /^[A-Z]/.test(name)).forEach((name) => names.add(name));
  }
  const all = [];
  for (const name of names) {
    const own = Object.getOwnPropertyNames(Object.getPrototypeOf(client[name]));
    all.push(...own.filter((method) => method !== 'constructor').map((method) => `${name}.${method}`));
  }
  return all.filter((method) => !LEFT_OUT.includes(method.split('.')[0]));
}

async function fails(status, call) {
  const error = await call().then(() => assert.fail('it succeeds'), (error) => error);
  const seen = error.status ?? error._status ?? error.response?.status;
  assert.equal(seen, status, JSON.stringify(error));
}

// Acts until a listener has told of all of these: it hears what happens once the server has let it in.
async function tells(listener, kinds, act) {
  const open = new Set(kinds);
  kinds.forEach((kind) => listener[kind](() => open.delete(kind)));
  const end = Date.now() + PATIENCE;
  while (open.size > 0) {
    assert.ok(Date.now() < end, `nothing told of ${[...open]}`);
    await act();
    await pass();
  }
  listener.close();
}

async function apps(c, app) {
  assert.equal((await c.Apps.all())[0].name, app);
  assert.ok((await c.Apps.find(app)).links.deployments_stream);
  assert.equal((await c.Apps.create({ name: 'new-app-1' })).name, 'new-app-1');
  await fails(422, () => c.Apps.create({ name: 'new-app-1' }));
  assert.equal((await c.Apps.update(app, { force_https: true })).force_https, true);
  assert.equal((await c.Apps.rename('new-app-1', 'new-app-1', 'new-app-2')).name, 'new-app-2');
  assert.ok((await c.Apps.transfer('new-app-2', 'new-app-2', 'user@example.com')).owner);
  await fails(422, () => c.Apps.destroy('new-app-2', 'other'));
  await c.Apps.destroy('new-app-2', 'new-app-2');
  assert.match(await c.Apps.logsURL(app), /^http/);
  assert.equal((await c.HDSContacts.update(app, { name: 'Jane' })).name, 'Jane');
  const soon = new Date(Date.now() + 24 * 3600e3).toISOString();
  const far = new Date(Date.now() + 40 * 24 * 3600e3).toISOString();
  const consent = await c.DataAccessConsent.create(app, { databases_until: soon, containers_until: null });
  assert.deepEqual([consent.databases_until, consent.containers_until], [soon, null]);
  await fails(422, () => c.DataAccessConsent.update(app, { containers_until: far }));
  assert.equal((await c.DataAccessConsent.update(app, { containers_until: soon })).containers_until, soon);
  await c.DataAccessConsent.destroy(app);
}

async function environment(c, app) {
  const one = await c.Environment.create(app, { name: 'A', value: '1' });
  const more = await c.Environment.bulkUpdate(app, [{ name: 'B', value: '2' }, { name: 'C', value: '3' }]);
  assert.equal((await c.Environment.for(app)).length, 3);
  assert.equal((await c.Environment.update(app, one.id, '9')).value, '9');
  await c.Environment.destroy(app, one.id);
  await c.Environment.bulkDestroy(app, more.map((variable) => variable.id));
  assert.equal((await c.Environment.for(app)).length, 0);
}

async function deployments(c, app) {
  let id;
  await tells(await c.Apps.deploymentListener(app), ['onNew', 'onStatus', 'onLog'], async () => {
    const order = { git_ref: 'v1', source_url: 'https://example.com/a.tar.gz' };
    id = (await c.Deployments.create(app, order)).id;
  });
  assert.equal((await c.Deployments.find(app, id)).status, 'success');
  const page = await c.Deployments.for(app, { page: 1, per_page: 5 });
  assert.equal(page.deployments[0].id, id);
  assert.ok(page.meta.pagination.total_count > 0);
  assert.match(await c.Deployments.logs(app, id), /\n/);
  await c.Deployments.purgeCache(app);
}

async function containers(c, app) {
  assert.equal((await c.Containers.for(app))[0].name, 'web');
  assert.equal((await c.Containers.processes(app))[0].type, 'web');
  const scaled = await c.Containers.scale(app, [{ name: 'web', amount: 2 }]);
  const restarted = await c.Containers.restart(app, ['web']);
  await pass();
  await scaled.operation.wait();
  await restarted.wait();
  assert.equal((await c.Operations.operation(app, scaled.operation.id)).status, 'done');
  assert.ok((await c.Containers.availableSizes()).length);
  await tells(await c.Logs.listenerFor(app), ['onLog'], () => c.Containers.run(app, { command: 'echo y', detached: true }));
  const run = await c.Containers.run(app, { command: 'echo x', detached: true });
  await c.Containers.stop(app, run.id);
  assert.match(await c.Logs.for(app, { count: 10 }), /echo y/);
  assert.ok((await c.Logs.archives(app)).archives);
  assert.ok(await c.CronTasks.for(app));
  assert.ok((await c.Metrics.types()).length);
  assert.ok((await c.Metrics.get(app, 'cpu', { containerType: 'web', containerIndex: 1, since: 3 })).length);
  const { events, meta } = await c.Events.for(app, { page: 1 });
  assert.ok(meta && (await c.Events.all()).events.length);
  const ran = events.find((event) => event.type === 'run');
  assert.equal((await c.Events.find(app, ran.id)).id, ran.id);
  assert.equal((await c.AuditLogs.show(app, ran.type_data.audit_log_id))[0].type, 'input');
  assert.ok((await c.Events.listEventTypes()).length && (await c.Events.listEventCategories()).length);
}

async function addons(c, app) {
  assert.ok((await c.Addons.listCategories()).length);
  const [postgresql, redis] = await c.Addons.listProviders();
  const { id } = await c.Addons.create(app, { addon_provider_id: redis.id, plan_id: redis.plans[0].id });
  assert.equal((await c.Addons.for(app)).length, 2);
  assert.equal((await c.Addons.getAddon(app, id)).id, id);
  assert.ok((await c.Addons.update(app, id, { plan_id: postgresql.plans[0].id })).plan);
  await c.Addons.resume(app, id);
  assert.ok((await c.Addons.sso(app, id)).sso_url);
  await c.Addons.destroy(app, id);
  await c.Databases.create({ addon_provider_id: 'postgresql-ng', plan_id: 'x', database_name: 'shop' });
  assert.ok((await c.Databases.all()).databases.length);
}

async function around(c, app) {
  const domain = await c.Domains.create(app, { name: 'www.example.com' });
  assert.equal((await c.Domains.for(app)).length, 1);
  assert.equal((await c.Domains.update(app, domain.id, { canonical: true })).canonical, true);
  assert.equal((await c.Domains.show(app, domain.id)).canonical, true);
  await c.Domains.destroy(app, domain.id);
  await fails(404, () => c.Domains.show(app, domain.id));
  const invited = await c.Collaborators.invite(app, 'jane@example.com');
  assert.equal((await c.Collaborators.update(app, invited.id, { is_limited: true })).is_limited, true);
  await c.Collaborators.inviteAccept(invited.invitation_link.split('token=')[1]);
  assert.equal((await c.Collaborators.for(app))[0].status, 'accepted');
  assert.equal((await c.Collaborators.all({})).collaborators.length, 1);
  await c.Collaborators.destroy(app, invited.id);
  const [platform] = await c.NotificationPlatforms.list();
  const kept = [
    [c.Notifiers, 'get', { name: 'hook', platform_id: platform.id, active: true }, { active: false }],
    [c.Alerts, 'find', { container_type: 'web', metric: 'cpu', limit: 0.8 }, { limit: 0.9 }],
    [c.Autoscalers, 'show', { container_type: 'web', metric: 'cpu', target: 0.7, min_containers: 2, max_containers: 4 }, { max_containers: 5 }],
  ];
  for (const [all, read, order, change] of kept) {
    const before = (await all.for(app)).length;
    const { id } = await all.create(app, order);
    assert.equal((await all.for(app)).length, before + 1);
    await all.update(app, id, change);
    const [[name, value]] = Object.entries(change);
    assert.equal((await all[read](app, id))[name], value);
    if (all === kept[0][0]) await all.test(app, id);
    await all.destroy(app, id);
  }
}

async function repositories(c, app) {
  const order = { scm_type: 'gitlab-self-hosted', url: 'https://git.example.com', access_token: 't' };
  const { id } = await c.SCMIntegrations.create(order);
  assert.equal((await c.SCMIntegrations.all()).length, 2);
  assert.equal((await c.SCMIntegrations.find(id)).id, id);
  assert.ok((await c.SCMIntegrations.importSSHKeys(id)).length);
  assert.ok((await c.SCMIntegrations.searchPullRequests(id, 'x')).length);
  assert.ok((await c.SCMIntegrations.searchRepositories(id, 'x'))[0].fullName);
  assert.ok((await c.SCMIntegrations.organizations(id)).organizations.length);
  assert.ok((await c.SCMIntegrations.branchesForRepo(id, 'me/app')).length);
  const link = { source: 'https://github.com/me/app', auth_integration_uuid: id, branch: 'main' };
  assert.equal((await c.SCMRepoLinks.create(app, link)).repo, 'app');
  await c.SCMRepoLinks.update(app, { auto_deploy_enabled: true });
  assert.equal((await c.SCMRepoLinks.find(app)).auto_deploy_enabled, true);
  assert.ok((await c.SCMRepoLinks.manualDeploy(app, 'main')).id);
  assert.ok((await c.SCMRepoLinks.manualReviewApp(app, '12')).app_name);
  assert.equal((await c.SCMRepoLinks.reviewApps(app)).length, 1);
  assert.ok((await c.SCMRepoLinks.branches(app)).length && (await c.SCMRepoLinks.pulls(app)).length);
  await c.SCMRepoLinks.destroy(app);
  await c.SCMIntegrations.destroy(id);
}

async function account(c) {
  const project = await c.Projects.create({ name: 'shop' });
  assert.equal((await c.Projects.all()).length, 2);
  assert.equal((await c.Projects.update(project.id, { name: 'store' })).name, 'store');
  assert.equal((await c.Projects.find(project.id)).name, 'store');
  const key = await c.Keys.create('ci', 'ssh-rsa AAAA');
  assert.ok((await c.Keys.all()).some(({ id }) => id === key.id));
  assert.equal((await c.Keys.show(key.id)).name, 'ci');
  await c.Keys.destroy(key.id);
  const made = await c.Tokens.create('ci');
  const renewed = await c.Tokens.renew(made.id);
  assert.equal(typeof (await c.Tokens.exchange(renewed.token)), 'string');
  assert.equal((await c.Tokens.all()).length, 2);
  await c.Tokens.destroy(made.id);
  assert.equal((await c.Users.updateAccount({ username: 'johnny' })).username, 'johnny');
  await c.Users.stopFreeTrial();
  assert.ok((await c.Users.self()).free_trial_end_time);
  assert.ok((await c.Users.roles()).length);
  assert.equal((await c.Regions.all())[0].name, 'osc-fr1');
  assert.ok((await c.Stacks.list()).length);
  await c.Users.requestAccountDeletion();
  await fails(404, () => c.Users.confirmAccountDeletion('other', { token: 'by-guess' }));
}

async function main() {
  const { client, service } = await begin();
  const c = noting(client);
  for (const part of [apps, environment, deployments, containers, addons, around, repositories, account]) {
    await part(c, service.hints.app);
    await pass();
  }
  assert.deepEqual([...called].sort(), methods(client).sort());
  await ask('POST', '/reset', { services: ['scalingo'] });
  console.log(`scalingo (npm): ${called.size} methods work`);
}

main().then(() => process.exit(), (error) => {
  console.error(error);
  process.exit(1);
});
