// One browser; a page of it fails by itself on whatever a person would never report but should not be there.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Starts the installed Chromium. */
export const launch = () =>
  chromium.launch({
    executablePath: process.env.PEYVAND_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** A context whose pages keep a list of what went wrong; `faults()` gives it and empties it. */
export async function visit(browser, base, options = {}) {
  const { expect = [], ...rest } = options;
  const context = await browser.newContext({ baseURL: base, reducedMotion: 'reduce', ...rest });
  const faults = [];
  const allowed = new Set(expect);
  await context
    .addInitScript(() => {
      addEventListener('securitypolicyviolation', e =>
        console.error(`policy: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}`),
      );
    })
    .catch(() => {});
  context.on('page', page => {
    page.on('pageerror', e => faults.push(`page error: ${e.message}`));
    page.on('console', m => {
      // What the browser says of an answer's status is judged where the answer is seen.
      if (m.type() === 'error' && !/Failed to load resource/.test(m.text())) faults.push(`console: ${m.text()}`);
    });
    page.on('response', r => {
      if (r.status() >= 500) faults.push(`${r.status()} ${r.url()}`);
      else if (r.status() >= 400 && !allowed.has(r.status()))
        faults.push(`${r.status()} ${r.request().method()} ${r.url()}`);
    });
    page.on('request', r => {
      if (!r.url().startsWith(base) && !r.url().startsWith('data:') && !r.url().startsWith('blob:'))
        faults.push(`off the origin: ${r.url()}`);
    });
  });
  const page = await context.newPage();
  return {
    context,
    page,
    faults: () => faults.splice(0),
    /** From now on this status is no fault: a refusal is what the test is about. */
    allow: status => allowed.add(status),
  };
}

/** Signs in by a one-time link of the command line. */
export async function signIn(server, page, email) {
  const out = await server.command('admin', 'sign-in-link', '--user', email);
  const path = out.match(/\/sign-in\/link\?token=\S+/)?.[0];
  if (!path) throw new Error(`no link in: ${out}`);
  await page.goto(path);
  await page.click('form button');
  await page.waitForURL(u => !u.pathname.startsWith('/sign-in'));
}

/** What axe finds, a line for each. */
export async function axe(page) {
  await page
    .evaluate(source => {
      if (!globalThis.axe) (0, eval)(source);
    }, axeSource)
    .catch(async () => {
      // The policy of the page forbids eval: the protocol's own world does not ask it.
      const session = await page.context().newCDPSession(page);
      await session.send('Runtime.evaluate', { expression: axeSource });
      await session.detach();
    });
  const found = await page.evaluate(async () => {
    const r = await globalThis.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      resultTypes: ['violations'],
    });
    return r.violations.map(
      v =>
        `${v.id}: ${v.nodes
          .slice(0, 3)
          .map(n => `${n.target.join(' ')} ${n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? ''}`)
          .join(' | ')}`,
    );
  });
  return found;
}

/** What does not fit or is not said in the reader's language. */
export const look = (page, language) =>
  page.evaluate(language => {
    const out = [];
    for (const e of [document.scrollingElement, document.querySelector('.main')]) {
      if (e && e.scrollWidth > e.clientWidth + 1) {
        const wide = [...document.querySelectorAll('body *')].find(
          n => n.getBoundingClientRect().right > innerWidth + 1 || n.getBoundingClientRect().left < -1,
        );
        out.push(`sideways: ${e.tagName} ${e.scrollWidth} > ${e.clientWidth} ${wide?.tagName}.${wide?.className}`);
      }
    }
    for (const e of document.querySelectorAll('.head .btn, .nextstep .btn')) {
      if (e.getBoundingClientRect().width > 320) out.push(`stretched: ${e.className} ${e.textContent.trim()}`);
    }
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const known = document.documentElement.lang;
    if (known !== language) out.push(`language ${known} instead of ${language}`);
    while (walker.nextNode()) {
      const text = walker.currentNode.data.trim();
      if (
        /^(web|common|nav|error|list|record|calendar|import|settings|cli|exchange|timeline|field|filter|role)(-[a-z0-9]+){1,}$/.test(
          text,
        )
      )
        out.push(`untranslated: ${text}`);
      if (/\{\s*\$|⁨?\{[a-z]/.test(text)) out.push(`argument left: ${text}`);
    }
    const persian = /[\u0600-\u06ff]/;
    for (const e of document.querySelectorAll(
      '.main button, .main legend, .main .lab, .main summary, .nav summary, .head > h1',
    )) {
      if (e.querySelector('bdi') || e.closest('[data-own]') || e.lang) continue;
      // What stands isolated in a sentence is a name of the firm's own, as it is in a <bdi>.
      const text = e.textContent.replace(/\u2068[^\u2069]*\u2069/g, '').trim();
      if (!/\p{L}{3}/u.test(text)) continue;
      if (language === 'en' && persian.test(text)) out.push(`Persian in English: ${text}`);
      if (language === 'fa' && !persian.test(text)) out.push(`English in Persian: ${text}`);
    }
    return out;
  }, language);

/** Holds that nothing went wrong that should not have. */
export const sure = v => {
  assert.deepEqual(v.faults(), []);
};

/** A context of somebody who is signed in. */
export async function signedIn(server, browser, email, options) {
  const v = await visit(browser, server.base, options);
  await signIn(server, v.page, email);
  return v;
}
