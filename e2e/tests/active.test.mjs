// Rich texts that want to act, in a real browser with its content policy taken away: what is left of them after cleaning
// calls nothing, asks for nothing and leads nowhere but to addresses of the common kinds.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { launch, signIn, visit } from '../lib/browser.mjs';
import { start } from '../lib/server.mjs';

/** A text as Rust writes it between quotes. */
const plain = text =>
  text
    .replace(/\\\r?\n\s*/g, '')
    .replace(/\\(?:u\{([0-9a-f]+)\}|x([0-9a-f]{2})|(.))/gi, (_, wide, narrow, sign) =>
      sign ? ({ n: '\n', r: '\r', t: '\t', 0: '\0' }[sign] ?? sign) : String.fromCodePoint(parseInt(wide ?? narrow, 16)),
    );

/** The same corpus that the cleaning itself is tested with. */
const corpus = () => {
  const source = readFileSync(new URL('../../crates/text/tests/rich/corpus.rs', import.meta.url), 'utf8');
  const pairs = source.matchAll(/\(\s*"[a-z-]+",\s*(?:"((?:[^"\\]|\\[\s\S])*)"|r(#*)"([\s\S]*?)"\2)\s*,?\s*\)/g);
  return [...pairs].map(([, quoted, , raw]) => (raw === undefined ? plain(quoted) : raw));
};

/** Does with every element below what a person and a browser could do with it; how often something answered. */
const provoke = page =>
  page.evaluate(async () => {
    const all = [...document.querySelectorAll('.provoked, .provoked *')];
    addEventListener('click', e => e.preventDefault(), { capture: true });
    const kinds =
      'click mouseover pointerenter pointerrawupdate focus wheel scroll toggle load error begin start beforecopy animationstart';
    for (const e of all) {
      for (const kind of kinds.split(' ')) e.dispatchEvent(new Event(kind, { bubbles: true, cancelable: true }));
    }
    await new Promise(done => setTimeout(done, 300));
    const forbidden = 'script, style, svg, math, iframe, object, embed, form, input, button, textarea, select, video, audio, base, meta, link, template';
    return {
      went: globalThis.went,
      elements: all.filter(e => e.matches(forbidden)).map(e => e.outerHTML.slice(0, 100)),
      attributes: all.flatMap(e => [...e.attributes].map(a => a.name)).filter(n => /^(on|style$|srcdoc$|id$|name$)/.test(n)),
      links: all.filter(e => e.href && !/^(https?|mailto|tel):/.test(e.href)).map(e => e.href),
      seen: all.length,
    };
  });

describe('texts that want to act', { timeout: 240_000 }, () => {
  let server;
  let browser;
  let v;
  let api;
  const payloads = corpus();
  before(async () => {
    server = await start();
    browser = await launch();
    v = await visit(browser, server.base, { bypassCSP: true });
    await v.context.addInitScript(() => {
      globalThis.went = 0;
      globalThis.go = () => {
        globalThis.went += 1;
      };
      globalThis.alert = globalThis.go;
    });
    const email = 'reader@active.example.com';
    await server.command('admin', 'create-user', '--email', email, '--name', 'Reader', '--role', 'admin');
    const made = await server.command('--json', 'admin', 'create-token', '--user', email, '--scope', '*');
    const { token } = JSON.parse(made.trim().split('\n').at(-1));
    api = (path, body) =>
      fetch(`${server.base}/api/v1${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }).then(r => r.json());
    await signIn(server, v.page, email);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  test('in notes they do nothing', async () => {
    assert.ok(payloads.length >= 150, `${payloads.length} payloads`);
    const { id } = await api('/contacts', { name: 'Somebody' });
    const items = payloads.map((p, n) => ({ body: `<p>payload ${n}</p>${p}`, contact_id: id }));
    const { data } = await api('/notes/batch', { items });
    const kept = data.filter(r => r.status === 201).length;
    assert.ok(kept >= 140, `${kept} kept: ${JSON.stringify(data.find(r => r.status !== 201))}`);
    let shown = 0;
    for (let path = `/contacts/${id}?show=note`; path; ) {
      await v.page.goto(path);
      shown += await v.page.evaluate(() => {
        for (const e of document.querySelectorAll('.time .quote')) e.classList.add('provoked');
        return document.querySelectorAll('.provoked').length;
      });
      const { went, elements, attributes, links, seen } = await provoke(v.page);
      assert.deepEqual({ went, elements, attributes, links }, { went: 0, elements: [], attributes: [], links: [] }, path);
      assert.ok(seen > 0, path);
      path = await v.page.evaluate(() => document.querySelector('a[href*="before="]')?.getAttribute('href'));
    }
    assert.equal(shown, kept, 'every note was looked at');
    assert.deepEqual(v.faults(), []);
  });

  test('the control: uncleaned they do', async () => {
    // Those that would only lead away from the page that looks at them are left out.
    const staying = payloads.filter(p => !/<(meta|base|form|a|area|button|input|link|iframe|object|embed|isindex)\b|action/i.test(p));
    await v.page.goto('/preferences');
    await v.page.evaluate(list => {
      const place = document.createElement('div');
      place.className = 'provoked';
      document.body.replaceChildren(place);
      for (const text of list) {
        const one = document.createElement('div');
        one.innerHTML = text;
        place.append(one);
      }
    }, staying);
    const { went, elements, attributes } = await provoke(v.page);
    assert.ok(went > 20, `${went} calls`);
    assert.ok(elements.length > 20 && attributes.length > 20, `${elements.length}, ${attributes.length}`);
    assert.ok(v.faults().some(f => f.startsWith('off the origin')));
  });
});
