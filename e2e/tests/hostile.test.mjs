// The screens with what no firm would write: nothing scrolls sideways, axe finds nothing, nothing is said in the console and
// nothing that looks like markup becomes markup.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { axe, launch, look, signIn, visit } from '../lib/browser.mjs';
import { fill, screens } from '../lib/hostile.mjs';
import { start } from '../lib/server.mjs';

const shots = process.env.PEYVAND_SHOTS;
const only = process.env.PEYVAND_SCREENS?.split(',');
const widths = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

describe('hostile values', { timeout: 300_000, concurrency: 2 }, () => {
  let server;
  let browser;
  const users = { fa: 'fa@hostile.example.com', en: 'en@hostile.example.com' };
  before(async () => {
    server = await start({ demo: true });
    browser = await launch();
    const user = (email, name) =>
      server.command('admin', 'create-user', '--email', email, '--name', name, '--role', 'admin');
    await user('maker@hostile.example.com', 'x'.repeat(90));
    const made = await server.command(
      '--json',
      'admin',
      'create-token',
      '--user',
      'maker@hostile.example.com',
      '--scope',
      '*',
    );
    const { token } = JSON.parse(made.trim().split('\n').at(-1));
    for (const [language, email] of Object.entries(users)) {
      await user(email, language === 'fa' ? 'ن'.repeat(90) : 'T'.repeat(90));
      const v = await visit(browser, server.base);
      await signIn(server, v.page, email);
      await v.page.goto('/preferences');
      await v.page.selectOption('select[name=language]', language);
      await v.page.click('.main footer button');
      const people = await fetch(`${server.base}/api/v1/users?limit=200`, {
        headers: { authorization: `Bearer ${token}` },
      }).then(r => r.json());
      const mine = await fill(server.base, token, people.data.find(u => u.email === email).id);
      users[language] = { state: await v.context.storageState(), list: screens(mine) };
      assert.deepEqual(v.faults(), []);
      await v.context.close();
    }
    if (shots) await mkdir(shots, { recursive: true });
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  for (const language of ['fa', 'en']) {
    for (const viewport of widths) {
      test(`${language} ${viewport.width}`, async t => {
        const v = await visit(browser, server.base, { storageState: users[language].state, viewport });
        const bad = [];
        const mine = users[language].list.filter(s => !only || only.includes(`hostile-${s.name}`));
        for (const s of mine) {
          await v.page.goto(s.path);
          const found = [...(await look(v.page, language)), ...(await axe(v.page)), ...v.faults()];
          // What looks like markup stands there as text; an element that it made would be one of these.
          const markup = await v.page.evaluate(
            () =>
              [...document.querySelectorAll('main b, main script, main img')].filter(
                e =>
                  e.textContent.startsWith('"bold"') || e.textContent === 'alert(1)' || e.getAttribute('src') === 'x',
              ).length,
          );
          if (markup) found.push('markup out of a value');
          if (s.title) {
            for (const [where, text] of [
              ['heading', await v.page.locator('h1').innerText()],
              ['tab', (await v.page.title()).split(' · ')[0]],
            ])
              if (!text.includes(s.title)) found.push(`${where} without what looks like markup: ${text}`);
          }
          if (shots)
            await v.page.screenshot({ path: join(shots, `hostile-${s.name}.${language}.${viewport.width}.png`) });
          for (const f of found) bad.push(`${s.name}: ${f}`);
        }
        await v.context.close();
        assert.deepEqual(bad, []);
        t.diagnostic(`${mine.length} screens`);
      });
    }
  }

  for (const language of ['fa', 'en']) {
    test(`the head of a group, ${language}`, async () => {
      const v = await visit(browser, server.base, { storageState: users[language].state, viewport: widths[0] });
      await v.page.goto('/contacts?group=company_id');
      const heads = await v.page.locator('tr.group th').evaluateAll(all =>
        all.map(th => {
          const box = th.getBoundingClientRect();
          const whole = e => {
            const r = e.getBoundingClientRect();
            return r.width > 0 && r.left >= box.left && r.right <= box.right;
          };
          const name = th.querySelector('.name'),
            text = name.querySelector('bdi');
          return {
            name: text?.textContent ?? '',
            title: name.title,
            count: th.querySelector('.count').textContent,
            fits: [...th.querySelectorAll('.count, .mute, .name, .name bdi, .av')].every(whole),
            cut: !!text && text.scrollWidth > text.clientWidth,
          };
        }),
      );
      assert.deepEqual(heads.filter(h => !h.fits || (h.name && h.title !== h.name) || !/^[0-9۰-۹]+$/.test(h.count)), []);
      assert.ok(heads.some(h => h.cut), 'no name that is too long');
      assert.deepEqual(v.faults(), []);
      await v.context.close();
    });

    test(`the first columns are held, ${language}`, async () => {
      const v = await visit(browser, server.base, { storageState: users[language].state, viewport: widths[0] });
      await v.page.goto('/contacts');
      // How far from the edge at which a line begins, and what lies on top there.
      const places = () =>
        v.page.locator('thead tr, tbody tr:nth-child(5), tfoot tr').evaluateAll(rows => {
          const wrap = document.querySelector('.gridwrap').getBoundingClientRect();
          return rows.flatMap(row =>
            [row.querySelector('.pick'), row.querySelector('.who')].map(c => {
              const r = c.getBoundingClientRect();
              const top = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);
              const far = document.dir === 'rtl' ? wrap.right - r.right : r.left - wrap.left;
              return [Math.round(far), c.contains(top)];
            }),
          );
        });
      const before = await places();
      assert.equal(before.length, 6);
      assert.deepEqual(before.filter(([, shown]) => !shown), []);
      const drawn = await v.page.locator('.gridwrap').evaluate(async e => {
        e.scrollBy(document.dir === 'rtl' ? -120 : 120, 0);
        await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
        return Math.abs(e.scrollLeft);
      });
      assert.ok(drawn > 60, `the list is drawn aside by ${drawn}`);
      assert.deepEqual(await places(), before);
      await v.context.close();
    });
  }
});
