// Every screen, in both languages, light and dark, wide and narrow.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { axe, launch, look, signIn, visit } from '../lib/browser.mjs';
import { screens } from '../lib/screens.mjs';
import { start } from '../lib/server.mjs';

const shots = process.env.PEYVAND_SHOTS;
const only = process.env.PEYVAND_SCREENS?.split(',');
const wide = { width: 1440, height: 900 };
const narrow = { width: 390, height: 844 };
const users = { fa: 'fa@e2e.example.com', en: 'en@e2e.example.com' };

describe('screens', { timeout: 900_000, concurrency: 3 }, () => {
  let server;
  let browser;
  let list;
  before(async () => {
    server = await start({ demo: true });
    browser = await launch();
    for (const [language, email] of Object.entries(users)) {
      await server.command(
        'admin',
        'create-user',
        '--email',
        email,
        '--name',
        language === 'fa' ? 'نگار آزمون' : 'Tess Ting',
        '--role',
        'admin',
      );
      const v = await visit(browser, server.base);
      await signIn(server, v.page, email);
      await v.page.goto('/preferences');
      await v.page.selectOption('select[name=language]', language);
      await v.page.selectOption('select[name=theme]', 'system');
      await v.page.click('.main footer button');
      users[language] = await v.context.storageState();
      if (language === 'en') list = await screens(v.page);
      assert.deepEqual(v.faults(), []);
      await v.context.close();
    }
    if (only) list = list.filter(s => only.includes(s.name));
    if (shots) await mkdir(shots, { recursive: true });
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  for (const language of ['fa', 'en']) {
    for (const theme of ['light', 'dark']) {
      for (const viewport of [wide, narrow]) {
        test(`${language} ${theme} ${viewport.width}`, async t => {
          const v = await visit(browser, server.base, { storageState: users[language], colorScheme: theme, viewport });
          const bad = [];
          for (const s of list) {
            if (s.status) v.allow(s.status);
            await v.page.goto(s.path);
            await s.ready?.(v.page);
            const found = [...(await look(v.page, language)), ...(await axe(v.page)), ...v.faults()];
            if (shots)
              await v.page.screenshot({ path: join(shots, `${s.name}.${language}.${theme}.${viewport.width}.png`) });
            for (const f of found) bad.push(`${s.name}: ${f}`);
          }
          await v.context.close();
          assert.deepEqual(bad, []);
          t.diagnostic(`${list.length} screens`);
        });
      }
    }
  }

  test('zoomed to 200 % and at 320 pixels', async () => {
    const bad = [];
    for (const width of [720, 320]) {
      const v = await visit(browser, server.base, { storageState: users.fa, viewport: { width, height: 640 } });
      for (const s of list) {
        if (s.status) v.allow(s.status);
        await v.page.goto(s.path);
        for (const f of await look(v.page, 'fa')) bad.push(`${s.name} at ${width}: ${f}`);
      }
      await v.context.close();
    }
    assert.deepEqual(bad, []);
  });

  test('without script', async () => {
    const v = await visit(browser, server.base, { storageState: users.fa, javaScriptEnabled: false });
    const bad = [];
    for (const s of list) {
      if (s.status) v.allow(s.status);
      const answer = await v.page.goto(s.path);
      if (answer.status() !== (s.status ?? 200)) bad.push(`${s.name}: ${answer.status()}`);
      if (!(await v.page.locator('main').count())) bad.push(`${s.name}: no main part`);
      for (const f of v.faults()) bad.push(`${s.name}: ${f}`);
    }
    await v.context.close();
    assert.deepEqual(bad, []);
  });
});
