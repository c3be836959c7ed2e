// Shows what the stand-ins do, once a second, and sets what is asked for. No framework, nothing from elsewhere.
'use strict';

const EVERY = 1000;
const SHOWN = 100;
const OUTCOMES = {
  scalingo: ['success', 'build-error', 'aborted-building', 'aborted-pushing', 'crashed-error', 'timeout-error', 'hook-error'],
  edgegap: ['ready', 'not-placed', 'stuck', '{"error": "no room"}'],
  devopness: ['completed', 'insufficient-credits', '{"failed-at": 1}'],
  tsuru: ['fail'], 'tsuru-v1': ['fail'],
};
const GOOD = /^(success|done|completed|running|ready|status\.ready|started)$/i;
const BAD = /error|fail|abort|crash|terminat|skipped/i;
const BUSY = /^(queued|pending|building|pushing|starting|in-progress|running|status\.)/i;

/** What people look at first. */
const FIRST = ['deployments', 'actions', 'events'];
const COLUMNS = ['id', 'name', 'app', 'type', 'kind', 'status'];

const $ = (id) => document.getElementById(id);
let selected = decodeURIComponent(location.hash.slice(1));

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

async function ask(method, path, body) {
  const options = { method, headers: {}, signal: AbortSignal.timeout(10000) };
  if (body !== undefined) {
    options.headers['content-type'] = 'application/json';
    options.body = JSON.stringify(body);
  }
  const answer = await fetch('/__sandbox' + path, options);
  const text = await answer.text();
  const value = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Error(value?.error ?? `status ${answer.status}`);
  return value;
}

const one = (rest = '') => `/services/${encodeURIComponent(selected)}${rest}`;

/** Does what was asked for, says what went wrong, and looks again at once. */
async function act(...asked) {
  $('problem').hidden = true;
  try {
    await ask(...asked);
  } catch (problem) {
    $('problem').textContent = problem.message;
    $('problem').hidden = false;
  }
  await look();
}

/** Makes the children of a place those of the items, and leaves alone what hasn't changed: focus and open logs stay. */
function fill(place, items, key, make) {
  const known = new Map([...place.children].map((child) => [child.dataset.key, child]));
  let before = null;
  for (const item of items) {
    const id = String(key(item));
    const text = JSON.stringify(item);
    let child = known.get(id);
    known.delete(id);
    if (child?.dataset.text !== text) {
      const focus = child?.contains(document.activeElement) ? document.activeElement.dataset.act : null;
      const fresh = make(item, child);
      fresh.dataset.key = id;
      fresh.dataset.text = text;
      if (child) child.replaceWith(fresh);
      child = fresh;
      if (focus) fresh.querySelector(`[data-act="${focus}"]`)?.focus();
    }
    const next = before ? before.nextSibling : place.firstChild;
    if (child !== next) place.insertBefore(child, next);
    before = child;
  }
  for (const gone of known.values()) gone.remove();
}

function button(text, label, action) {
  const made = element('button', text, { type: 'button', 'aria-label': label, 'data-act': label });
  made.addEventListener('click', action);
  return made;
}

function cells(...contents) {
  const row = element('tr');
  for (const content of contents) {
    const cell = element('td');
    cell.append(content ?? '');
    row.append(cell);
  }
  return row;
}

function shown(value) {
  if (value === null || value === undefined) return '–';
  if (value === '') return '–';
  if (Array.isArray(value)) return value.map(shown).join(', ') || '–';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function log(title, text, old) {
  const details = element('details');
  details.open = old?.querySelector('details')?.open ?? false;
  // Terminals colour it; a page doesn't.
  const pre = element('pre', text.replace(/\u001b\[[0-9;]*m/g, ''), { tabindex: '0' });
  details.append(element('summary', title), pre);
  details.addEventListener('toggle', () => { pre.scrollTop = pre.scrollHeight; });
  return details;
}

function status(value) {
  const text = shown(value);
  const name = GOOD.test(text) ? 'good' : BAD.test(text) ? 'bad' : BUSY.test(text) ? 'busy' : '';
  return element('strong', text, name ? { class: name } : {});
}

/** Those of the list first, the others as they come. */
function ordered(names, first) {
  return [...first.filter((name) => names.includes(name)), ...names.filter((name) => !first.includes(name))];
}

function isEmpty(value) {
  return value === null || value === undefined || value === '' || value.length === 0;
}

function showState(state) {
  const kinds = ordered(Object.keys(state), FIRST).map((kind) => [kind, state[kind]]);
  const there = kinds.filter(([, items]) => items.length);
  $('nothing').hidden = there.length > 0;
  fill($('state'), there, ([kind]) => `${selected}/${kind}`, ([kind, items], old) => {
    const block = element('div', undefined, { class: 'scroll' });
    block.append(element('h3', `${kind} (${items.length})`));
    const names = [...new Set(items.flatMap(Object.keys))].filter((name) => name !== 'log');
    const columns = ordered(names.filter((name) => items.some((item) => !isEmpty(item[name]))), COLUMNS);
    const logs = items.some((item) => item.log);
    const table = element('table', undefined, { 'aria-label': kind });
    const head = element('tr');
    for (const name of [...columns, ...(logs ? ['log'] : [])]) head.append(element('th', name, { scope: 'col' }));
    const thead = element('thead');
    thead.append(head);
    const body = old?.querySelector('tbody') ?? element('tbody');
    fill(body, items.map((item, at) => ({ at: item.id ?? item.name ?? at, columns, logs, item })), (row) => `${row.at}`, (row, before) => {
      const made = cells(...row.columns.map((name) => (name === 'status' ? status(row.item[name]) : shown(row.item[name]))));
      if (row.logs) {
        const cell = element('td');
        if (row.item.log) cell.append(log(`${row.item.log.split('\n').length} lines`, row.item.log, before));
        made.append(cell);
      }
      return made;
    });
    table.append(thead, body);
    block.append(table);
    return block;
  });
}

function wrong(fault) {
  const kinds = ['delay_ms', 'reset', 'truncate', 'drop_after_frames'];
  const kind = kinds.find((name) => fault[name] !== undefined);
  return kind ? `${kind}: ${fault[kind]}` : `status: ${fault.status}`;
}

function showFaults(faults) {
  fill($('faults'), faults, (fault) => `${selected}/${fault.id}`, (fault) => cells(
    fault.id, element('code', `${fault.method} ${fault.path}`), wrong(fault), fault.hits, fault.left ?? 'always',
    button('Take back', `Take back fault ${fault.id}`, () => act('DELETE', one(`/faults/${fault.id}`))),
  ));
}

function showQuotas(quotas) {
  fill($('quotas'), quotas, (quota) => `${selected}/${quota.name}`, (quota) => cells(
    quota.name, quota.on ? quota.requests : 'off', `${quota.window_seconds} s`,
    button(quota.on ? 'Switch off' : 'Switch on', `Switch quota ${quota.name} ${quota.on ? 'off' : 'on'}`,
      () => act('PATCH', one('/quotas'), { name: quota.name, on: !quota.on })),
  ));
}

function showRequests(requests) {
  fill($('requests'), requests.reverse(), (sent) => `${selected}/${sent.number}`, (sent, old) => {
    const answer = sent.status === null ? 'none' : sent.status;
    const text = sent.fault === null ? `${answer}` : `${answer} (fault ${sent.fault})`;
    const what = element('span');
    const query = sent.query.map(([name, value]) => `${name}=${value}`).join('&');
    what.append(element('code', `${sent.method} ${sent.path}${query ? '?' + query : ''}`));
    const headers = Object.entries(sent.headers).map(([name, values]) => `${name}: ${values.join(', ')}`).join('\n');
    what.append(log('details', `${headers}\n\n${sent.body}${sent.body_is_whole ? '' : '…'}`, old));
    const name = sent.status === null || sent.status >= 400 ? 'bad' : 'good';
    return cells(sent.number, sent.at.slice(11, 23), what, element('strong', text, { class: name }));
  });
}

function showService(service) {
  $('name').textContent = service.version ? `${service.name} (${service.version})` : service.name;
  const facts = { address: service.base_url, token: service.token, ...service.hints };
  const clock = service.clock;
  facts.clock = `${clock.now.slice(0, 19)}Z, ${clock.ahead_seconds} s ahead, speed ${clock.speed}`;
  const pairs = Object.entries(facts).flatMap(([name, value]) => [{ dt: name }, { of: name, dd: shown(value) }]);
  fill($('facts'), pairs, (pair) => `${selected}/${pair.of ?? ''}/${pair.dt ?? ''}`,
    (pair) => (pair.dt === undefined ? element('dd', pair.dd) : element('dt', pair.dt)));
}

async function look() {
  try {
    const { services } = await ask('GET', '/services');
    if (!services.some((service) => service.name === selected)) selected = services[0]?.name ?? '';
    fill($('services'), services.map((service) => ({ ...service, current: service.name === selected, clock: 0 })), (service) => service.name, (service) => {
      const item = element('li');
      const text = `${service.name} · ${service.requests} requests${service.faults ? ` · ${service.faults} faults` : ''}`;
      const choose = button(text, `Show ${service.name}`, () => {
        selected = service.name;
        $('problem').hidden = true;
        history.replaceState(null, '', '#' + encodeURIComponent(selected));
        return look();
      });
      choose.removeAttribute('aria-label');
      choose.setAttribute('aria-current', String(service.current));
      item.append(choose);
      return item;
    });
    const { snapshots } = await ask('GET', '/snapshots');
    fill($('snapshots'), snapshots, (snapshot) => snapshot.id, (snapshot) => {
      const group = element('span');
      const path = `/snapshots/${snapshot.id}`;
      group.append(
        button(`Back to snapshot ${snapshot.id}`, `Back to snapshot ${snapshot.id}`, () => act('POST', `${path}/restore`)), ' ',
        button('Forget', `Forget snapshot ${snapshot.id}`, () => act('DELETE', path)),
      );
      return group;
    });
    const service = services.find((service) => service.name === selected);
    $('service').hidden = !service;
    if (service) {
      const asked = selected;
      const [state, faults, outcomes, quotas, requests] = await Promise.all(
        ['/state', '/faults', '/outcomes', '/quotas', `/requests?limit=${SHOWN}`].map((rest) => ask('GET', one(rest))));
      if (asked !== selected) return;
      showService(service);
      showState(state.state);
      showFaults(faults.faults);
      $('outcomes').textContent = outcomes.outcomes.length ? `Decided: ${outcomes.outcomes.map(shown).join(', ')}` : 'As usual.';
      showQuotas(quotas.quotas);
      showRequests(requests.requests);
      fill($('known'), OUTCOMES[selected] ?? [], (word) => `${selected}/${word}`, (word) => element('option', undefined, { value: word }));
    }
    say(`Live. ${services.length} services.`);
  } catch (problem) {
    say(`The sandbox doesn't answer: ${problem.message}`);
  }
}

/** Said once, so that screen readers don't repeat it each second. */
function say(text) {
  if ($('live').textContent !== text) $('live').textContent = text;
}

/** A word as it is, or JSON. */
function outcome(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function submit(id, action) {
  $(id).addEventListener('submit', (event) => {
    event.preventDefault();
    action($(id).elements, event.submitter);
  });
}

submit('clock', (fields, pressed) => (pressed?.name === 'advance'
  ? act('POST', '/clock/advance', { seconds: Number(fields.seconds.value) })
  : act('PATCH', '/clock', { speed: Number(fields.speed.value) })));
$('clock').elements.reset.addEventListener('click', () => act('POST', '/reset'));
$('clock').elements.keep.addEventListener('click', () => act('POST', '/snapshots'));
$('reset-one').addEventListener('click', () => act('POST', '/reset', { services: [selected] }));
$('clear-requests').addEventListener('click', () => act('DELETE', one('/requests')));
submit('fault', (fields) => {
  const order = { method: fields.method.value, path: fields.path.value };
  if (fields.times.value) order.times = Number(fields.times.value);
  else order.always = true;
  const kind = fields.kind.value;
  if (kind === 'before' || kind === 'after') order.reset = kind;
  else if (kind === 'truncate') order.truncate = true;
  else order[kind] = Number(fields.number.value);
  return act('POST', one('/faults'), order);
});
$('fault').elements.clear.addEventListener('click', () => act('DELETE', one('/faults')));
submit('outcome', (fields) => act('POST', one('/outcomes'), { outcomes: [outcome(fields.outcome.value)] }));
$('outcome').elements.clear.addEventListener('click', () => act('DELETE', one('/outcomes')));

/** Looks again and again, one look at a time, and not while nobody sees it. */
async function watch() {
  if (!document.hidden) await look();
  setTimeout(watch, EVERY);
}
watch();
