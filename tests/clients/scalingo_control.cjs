// Scalingo's own client for JavaScript, and the control of the sandbox over HTTP.
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

// A client of the sandbox as it is after its start, and what the sandbox says of itself.
async function begin() {
  await ask('POST', '/reset', { services: ['scalingo'] });
  const { service } = await ask('GET', '/services/scalingo');
  const urls = { apiUrl: service.base_url, authApiUrl: service.base_url };
  return { client: await scalingo.clientFromToken(service.token, urls), service };
}

module.exports = { ask, begin };
