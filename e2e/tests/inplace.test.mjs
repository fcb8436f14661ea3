// What is said and seen where one is looking: errors beside their fields, what is overdue, a card after its move, all of a row.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, signIn, signedIn, sure } from '../lib/browser.mjs';
import { start } from '../lib/server.mjs';

describe('in place', { timeout: 480_000 }, () => {
  let server;
  let browser;
  const admin = 'niloufar.azarnoush@negarin.example.com';
  before(async () => {
    server = await start({ demo: true });
    browser = await launch();
    await server.command('admin', 'create-user', '--email', 'one@e2e.example.com', '--name', 'one', '--role', 'admin');
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  const person = (email, options) => signedIn(server, browser, email, options);
  const contact = async page => {
    await page.goto('/contacts/new');
    await page.fill('[name="name.family"]', 'برجای');
    await page.click('.main footer button.fill');
    await page.waitForURL(/\/contacts\/[0-9a-f-]{36}$/);
  };

  test('what is wrong with what is added to a story is said beside its field', async () => {
    const v = await person('one@e2e.example.com', { locale: 'fa' });
    const { page } = v;
    v.allow(422);
    await contact(page);
    const at = page.url();
    await page.check('.kinds [value=task]', { force: true });
    await page.fill('#c-body', 'پیگیری پیش‌فاکتور');
    await page.fill('[name=when]', 'هیچ‌وقت');
    await page.click('.composer .btn.fill');
    const said = page.locator('.composer .dated:has([name=when]) + .err');
    await said.waitFor();
    assert.match(await said.textContent(), /هیچ‌وقت/);
    assert.equal(page.url(), at);
    assert.equal(await page.inputValue('#c-body'), 'پیگیری پیش‌فاکتور');
    assert.equal(await page.evaluate(() => document.activeElement.name), 'when');
    const [frame, text] = [await page.locator('.composer fieldset').boundingBox(), await said.boundingBox()];
    assert.ok(text.x >= frame.x - 1 && text.x + text.width <= frame.x + frame.width + 1 && text.y + text.height <= frame.y + frame.height);
    await page.fill('[name=when]', 'فردا');
    assert.equal(await said.count(), 0);
    await page.click('.composer .btn.fill');
    await page.waitForSelector('.nextstep a');
    assert.equal(page.url(), at);
    assert.match(await page.textContent('.toast'), /\p{L}/u);
    sure(v);
    await v.context.close();
  });

  test('the same without script', async () => {
    const v = await person('one@e2e.example.com', { locale: 'fa', javaScriptEnabled: false });
    const { page } = v;
    v.allow(422);
    await contact(page);
    await page.check('.kinds [value=task]', { force: true });
    await page.fill('#c-body', 'پیگیری پیش‌فاکتور');
    await page.fill('[name=when]', 'هیچ‌وقت');
    await page.click('.composer .btn.fill');
    assert.match(await page.textContent('.composer #e-when'), /هیچ‌وقت/);
    assert.equal(await page.inputValue('#c-body'), 'پیگیری پیش‌فاکتور');
    assert.equal(await page.isChecked('.kinds [value=task]'), true);
    // The browser lets an empty form through, and the server says what it lacks.
    await page.fill('#c-body', '');
    await page.click('.composer .btn.fill');
    assert.match(await page.textContent('.composer #e-body'), /[\u0600-\u06ff]/);
    sure(v);
    await v.context.close();
  });

  test('a card that was moved loses the mark of its old stage', async () => {
    const v = await person(admin);
    const { page } = v;
    v.allow(422);
    await page.goto('/deals/board');
    const card = page.locator('.col .card.rotting').first();
    const id = await card.getAttribute('data-id');
    const mine = page.locator(`#d-${id}`);
    await mine.focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowLeft');
    const moved = page.waitForResponse(r => r.url().endsWith(`/deals/${id}/move`));
    await page.keyboard.press('Space');
    assert.equal((await moved).status(), 200);
    await page.waitForFunction(id => !document.getElementById(`d-${id}`).classList.contains('rotting'), id);
    assert.equal(await mine.locator('.tag.saffron').count(), 0);
    assert.equal(await page.evaluate(() => document.activeElement.id), `d-${id}`);
    sure(v);
    await v.context.close();
  });

  test('what is overdue is seen above the hours of the day', async () => {
    const v = await person('one@e2e.example.com');
    const { page } = v;
    await page.goto('/activities/new');
    await page.fill('[name=subject]', 'کار عقب‌افتاده');
    await page.fill('[name=due_at]', '2020-01-01 10:00');
    await page.click('.main footer button.fill');
    await page.waitForURL(/\/activities\/[0-9a-f-]{36}$/);
    for (const viewport of [
      { width: 1440, height: 900 },
      { width: 390, height: 844 },
    ]) {
      await page.setViewportSize(viewport);
      await page.goto('/calendar?view=day');
      // The day has gone to its hours of work.
      await page.waitForFunction(() => document.querySelector('.calendar').scrollTop > 0);
      await page.waitForTimeout(100);
      const seen = await page.locator('.lateday summary').evaluate(e => {
        const r = e.getBoundingClientRect();
        return document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2)?.closest('summary') === e;
      });
      assert.ok(seen, `${viewport.width}`);
      const [late, day] = [await page.locator('.lateday').boundingBox(), await page.locator('.calendar').boundingBox()];
      assert.ok(late.y + late.height <= day.y + 1 && day.height > 400, JSON.stringify([late, day]));
    }
    await page.click('.lateday summary');
    assert.ok(await page.locator('.lateday', { hasText: 'کار عقب‌افتاده' }).isVisible());
    sure(v);
    await v.context.close();
  });

  test('all actions of a row of people are on the page', async () => {
    const v = await person('one@e2e.example.com');
    const { page } = v;
    for (const width of [1440, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await page.goto('/settings/people');
      const cut = await page.evaluate(() => {
        const all = [...document.querySelectorAll('.grid td.does .btn')];
        const wrap = document.querySelector('.gridwrap').getBoundingClientRect();
        return [all.length, all.filter(b => {
          const [r, td] = [b.getBoundingClientRect(), b.closest('td').getBoundingClientRect()];
          return r.left < Math.max(wrap.left, td.left) - 1 || r.right > Math.min(wrap.right, td.right) + 1 || b.scrollWidth > b.clientWidth + 1;
        }).map(b => b.textContent.trim())];
      });
      assert.ok(cut[0] > 10);
      assert.deepEqual(cut[1], [], `${width}`);
    }
    sure(v);
    await v.context.close();
  });

  test('a value that outlived its session leads back to its list', async () => {
    const v = await person('one@e2e.example.com');
    const { page, context } = v;
    await page.goto('/companies?columns=name,city&sort=name');
    const row = page.locator('tr[data-id]').first();
    const id = await row.getAttribute('data-id');
    await row.locator('td[data-f=city]').dblclick();
    const input = page.locator('.editing .celled .in');
    await input.fill('بندرلنگه');
    await context.clearCookies({ name: 'peyvand_session' });
    await input.press('Enter');
    await page.waitForURL(/\/sign-in\?to=/);
    await signIn(server, page, 'one@e2e.example.com');
    await page.goto('/again');
    await page.click('.main .btn.fill');
    await page.waitForURL(/\/companies\?columns=name,city&sort=name$/);
    assert.match(await page.textContent(`tr[data-id="${id}"] td[data-f=city]`), /بندرلنگه/);
    sure(v);
    await v.context.close();
  });

  test('a day is chosen from the calendar, by mouse and by keys, in both calendars', async () => {
    for (const [locale, calendar] of [
      ['fa', 'jalali'],
      ['en', 'gregorian'],
    ]) {
      const v = await person('one@e2e.example.com');
      const { page } = v;
      await page.goto('/preferences');
      await page.selectOption('select[name=language]', locale);
      await page.selectOption('select[name=calendar]', calendar);
      await page.click('.main footer button');
      await page.goto('/deals/new');
      const field = page.locator('[name=expected_close]');
      const button = page.locator('.dated', { has: field }).locator('button');
      const box = page.locator('.daybox:popover-open');
      const chosen = () => page.evaluate(() => document.activeElement.dataset.day);
      await field.fill(locale === 'fa' ? '۱۴۰۵/۰۹/۰۲' : '2026-11-23');
      await button.click();
      await box.waitFor();
      assert.equal(await chosen(), '2026-11-23');
      assert.equal(await button.getAttribute('aria-expanded'), 'true');
      // The next day lies to the left in Persian.
      await page.keyboard.press(locale === 'fa' ? 'ArrowLeft' : 'ArrowRight');
      assert.equal(await chosen(), '2026-11-24');
      await page.keyboard.press('ArrowDown');
      await page.waitForFunction(() => document.activeElement.dataset.day === '2026-12-01');
      await page.keyboard.press('Home');
      await page.waitForFunction(
        day => document.activeElement.dataset.day === day,
        locale === 'fa' ? '2026-11-28' : '2026-11-30',
      );
      // Escape leaves the field as it was, and the form open.
      await page.keyboard.press('Escape');
      assert.equal(await box.count(), 0);
      assert.equal(await page.evaluate(() => document.activeElement.name), 'expected_close');
      assert.equal(await field.inputValue(), locale === 'fa' ? '۱۴۰۵/۰۹/۰۲' : '2026-11-23');
      await page.keyboard.press('Alt+ArrowDown');
      await box.waitFor();
      await page.keyboard.press('PageDown');
      const next = locale === 'fa' ? '2026-12-23' : '2026-12-23';
      await page.waitForFunction(day => document.activeElement.dataset.day === day, next);
      await page.keyboard.press('Enter');
      assert.equal(await field.inputValue(), locale === 'fa' ? '۱۴۰۵/۱۰/۰۲' : '2026-12-23');
      assert.equal(await box.count(), 0);
      // By mouse, and all of it within the window.
      await button.click();
      const at = await box.boundingBox();
      const size = page.viewportSize();
      assert.ok(at.x >= 0 && at.y >= 0 && at.x + at.width <= size.width && at.y + at.height <= size.height);
      await box.locator('td button:not(.beyond)').first().click();
      assert.equal(await field.inputValue(), locale === 'fa' ? '۱۴۰۵/۱۰/۰۱' : '2026-12-01');
      await page.fill('[name=name]', 'Chosen');
      await page.click('.main footer button.fill');
      await page.waitForURL(/\/deals\/[0-9a-f-]{36}$/);
      // A point in time keeps its time.
      await page.goto('/activities/new');
      const due = page.locator('[name=due_at]');
      await due.fill(locale === 'fa' ? '۱۴۰۵/۰۹/۰۲ ۱۰:۳۰' : '2026-11-23 10:30');
      await page.locator('.dated', { has: due }).locator('button').click();
      await box.locator('[data-day="2026-11-25"]').click();
      assert.equal(await due.inputValue(), locale === 'fa' ? '۱۴۰۵/۰۹/۰۴ ۱۰:۳۰' : '2026-11-25 10:30');
      // In a cell and in a filter too.
      await page.goto('/deals?columns=name,expected_close');
      const cell = page.locator('tr[data-id] td[data-f=expected_close]').first();
      await cell.dblclick();
      await page.locator('.editing .dated button').click();
      await box.locator('td button:not(.beyond)').nth(4).click();
      const text = await page.locator('.editing .in').inputValue();
      assert.match(text, locale === 'fa' ? /۰۵$/ : /05$/);
      await page.keyboard.press('Enter');
      await page.locator('.editing').waitFor({ state: 'detached' });
      assert.match(await cell.textContent(), new RegExp(text));
      await page.goto('/deals?pick=expected_close');
      await page.selectOption('.picker [name=op]', { index: 0 });
      if (await page.isVisible('.picker .dated button')) {
        await page.click('.picker .dated button');
        await box.waitFor();
      }
      sure(v);
      await v.context.close();
    }
  });
});
