// SPDX-License-Identifier: Apache-2.0
// Goes through the simulated Google's pages as a person would, over plain HTTP: follows redirects, submits forms.
const form = (html, field, value, extra = []) => {
  const action = /<form method="post" action="([^"]+)"/.exec(html)?.[1];
  const request = /name="request" value="([^"]+)"/.exec(html)?.[1];
  if (!action || !request) throw new Error(`no form in: ${html.slice(0, 400)}`);
  return { action, body: new URLSearchParams([['request', request], [field, value], ...extra]).toString() };
};

async function submit(browser, { action, body }) {
  return browser.request('POST', action, { raw: Buffer.from(body), headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' } });
}

async function follow(browser, answer) {
  for (let i = 0; i < 5 && answer.status >= 300 && answer.status < 400; i++) {
    const to = new URL(answer.headers.location, browser.origin);
    if (to.origin !== browser.origin) return { leaving: to, answer };
    answer = await browser.get(to.pathname + to.search, { headers: { accept: 'text/html' } });
  }
  return { answer };
}

// Returns the URL with which Google sends the browser back. scopes: 'all', 'none', or the scopes to tick; pick: file ids.
export async function throughGoogle(browser, authorizationUrl, { account, scopes = 'all', pick, cancel = false }) {
  const start = new URL(authorizationUrl);
  let step = await follow(browser, await browser.get(start.pathname + start.search, { headers: { accept: 'text/html' } }));
  if (step.leaving) return step.leaving;
  if (step.answer.text.includes(`data-testid="account-${account}"`))
    step = await follow(browser, await submit(browser, form(step.answer.text, 'account', account)));
  if (step.leaving) return step.leaving;
  const html = step.answer.text;
  const decision = cancel ? 'cancel' : pick ? 'pick' : 'continue';
  if (!html.includes(`data-testid="${decision}"`)) throw new Error(`an unexpected page of Google: ${html.slice(0, 800)}`);
  const offered = [...html.matchAll(/name="scope"\s+value="([^"]+)"/g)].map((match) => match[1]);
  const ticked = scopes === 'all' ? offered : scopes === 'none' ? [] : offered.filter((scope) => scopes.includes(scope));
  const extra = pick ? pick.map((id) => ['file', id]) : ticked.map((scope) => ['scope', scope]);
  step = await follow(browser, await submit(browser, form(html, 'decision', decision, extra)));
  if (!step.leaving) throw new Error(`Google did not send the browser back: ${step.answer.status} ${step.answer.text.slice(0, 400)}`);
  return step.leaving;
}

// What a person is asked for by one of a plugin's connections: what is required, and the set that was chosen.
export const scopesAsked = ({ scopes, scopeSets, chosenScopeSet }) => {
  const chosen = scopeSets.find((set) => set.name === chosenScopeSet) ?? scopeSets[0];
  return scopes.filter((each) => !each.optional || chosen?.scopes.includes(each.scope)).map((each) => each.scope);
};

export const accountName = 'demo.owner@gmail.test';

// The whole way for one plugin; returns where Portico sends the browser in the end, and the address at Google it began with.
export async function connect(world, client, plugin, options = {}) {
  const begun = await client.post('/api/v1/connections/begin', { plugin, returnTo: '/connections' });
  if (begun.status !== 200 && begun.status !== 201) throw new Error(`begin ${plugin}: ${begun.status} ${begun.text}`);
  const back = await throughGoogle(world.simulator(), begun.json.authorizationUrl, { account: accountName, ...options });
  const landed = await client.navigate(back.pathname + back.search);
  return { status: landed.status, location: landed.headers.location, back, asked: new URL(begun.json.authorizationUrl) };
}
