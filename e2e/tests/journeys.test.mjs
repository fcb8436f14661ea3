// What people do, from the first start on.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, signIn, signedIn, sure, visit } from '../lib/browser.mjs';
import { salesFile } from '../lib/sales.mjs';
import { start } from '../lib/server.mjs';

/** Fills a form's fields and sends it. */
async function fill(page, values, button = '.main footer button.fill') {
  for (const [name, value] of Object.entries(values)) {
    const field = page.locator(`.main [name="${name}"]:visible`).first();
    if ((await field.evaluate(e => e.tagName)) === 'SELECT') await field.selectOption(value);
    else await field.fill(value);
  }
  await page.click(button);
}

describe('first start', { timeout: 240_000 }, () => {
  let server;
  let browser;
  let v;
  before(async () => {
    server = await start();
    browser = await launch();
    v = await visit(browser, server.base, { locale: 'en-GB' });
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  test('the first administrator comes in and makes a pipeline', async () => {
    const { page } = v;
    await page.goto(await server.setUpLink());
    await page.fill('[name=name]', 'Sara Ahmadi');
    await page.fill('[name=email]', 'sara@example.com');
    await page.fill('[name=password]', 'a long enough pass phrase');
    await page.click('form button');
    await page.waitForURL(u => u.pathname === '/');
    await page.goto('/preferences');
    await page.selectOption('select[name=language]', 'en');
    await page.click('.main footer button');
    await page.goto('/pipelines/new');
    await fill(page, { name: 'Sales' });
    await page.waitForURL(/\/pipelines\/[0-9a-f-]{36}/);
    for (const [n, [name, kind]] of [
      ['Prospecting', 'open'],
      ['Engaging', 'open'],
      ['Won', 'won'],
      ['Lost', 'lost'],
    ].entries()) {
      await page.goto('/stages/new');
      await fill(page, { name, kind, pipeline_id: { label: 'Sales' }, position: String(n + 1) });
      await page.waitForURL(/\/stages\/[0-9a-f-]{36}/);
    }
    await page.goto('/lost-reasons/new');
    await fill(page, { name: 'Too dear' });
    await page.waitForURL(/\/lost-reasons\/[0-9a-f-]{36}/);
    sure(v);
  });

  test('a sales file is tried, imported, and found in both languages', async () => {
    const { page } = v;
    await page.goto('/import?object=deals');
    await page.setInputFiles('[name=file]', {
      name: 'sales.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(salesFile(120)),
    });
    await page.click('.main .btn.fill');
    await page.waitForURL(/\/import\/[0-9a-f-]{36}/);
    const column = name => page.locator('tr', { has: page.getByRole('rowheader', { name, exact: true }) });
    const map = async (name, field) => column(name).locator('select').selectOption(field);
    await map('opportunity_id', 'name');
    await column('opportunity_id').locator('[name^="key:"]').check();
    await map('sales_agent', '');
    await map('product', 'product_id');
    await map('account', 'company_id');
    await map('deal_stage', 'stage_id');
    await map('engage_date', 'opened_on');
    await map('close_date', 'closed_on');
    await map('close_value', 'amount');
    await page.fill('[name=source]', 'sales-file');
    await page.click('button[value=try]');
    await page.waitForSelector('button[value=import]', { timeout: 30_000 });
    assert.match(await page.textContent('.summary'), /117 records would be created/);
    assert.match(await page.textContent('.summary'), /3 rows failed/);
    // What is wrong stands on the page: by kind, and row by row.
    assert.equal(await page.locator('.troubles tbody tr').count(), 3);
    assert.match(await page.textContent('.troubles tbody'), /about 10/);
    assert.ok((await page.locator('.troubles .summary li').count()) >= 1);
    const [file] = await Promise.all([page.waitForEvent('download'), page.click('a[download]')]);
    const { readFile } = await import('node:fs/promises');
    const problems = await readFile(await file.path(), 'utf8');
    assert.equal(problems.trim().split('\n').length, 4);
    assert.match(problems, /about 10/);
    // A trial writes nothing.
    await page.goto('/deals');
    assert.equal(await page.locator('[data-rows] tbody tr').count(), 0);
    await page.goBack();
    await page.click('button[value=import]');
    await page.waitForSelector('form[action$="/undo"]', { timeout: 30_000 });
    assert.match(await page.textContent('.summary'), /117 records created/);
    for (const word of ['فولاد', 'OPP0000']) {
      await page.goto(`/deals?q=${encodeURIComponent(word)}`);
      assert.ok((await page.getByText('OPP0000').count()) > 0 || word === 'فولاد', `${word} finds it`);
    }
    await page.goto(`/companies?q=${encodeURIComponent('فولاد')}`);
    assert.ok((await page.getByText('فولاد البرز').count()) > 0);
    sure(v);
  });

  test('a deal is carried by keyboard, lost with a reason, and taken back', async () => {
    const { page } = v;
    await page.goto('/deals/board');
    const card = page.locator('.card', { hasText: 'OPP0000' }).first();
    const id = await card.getAttribute('data-id');
    await card.focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    await Promise.all([page.waitForResponse(r => r.url().endsWith(`/deals/${id}/move`)), page.keyboard.press('Space')]);
    await page.goto(`/deals/${id}`);
    assert.match(await page.textContent('.sheet-side'), /Engaging/);
    await page.goto(`/deals/${id}/edit`);
    await page.selectOption('[name=status]', 'lost');
    await page.selectOption('[name=stage_id]', { label: 'Lost' });
    await page.selectOption('[name=lost_reason_id]', { label: 'Too dear' });
    await page.click('.main footer button.fill');
    await page.waitForURL(new RegExp(`/deals/${id}$`));
    assert.match(await page.textContent('.sheet-side'), /Too dear/);
    await page.click('.toast form button');
    await page.waitForURL(new RegExp(`/deals/${id}$`));
    const side = await page.textContent('.sheet-side');
    assert.match(side, /Engaging/);
    assert.doesNotMatch(side, /Too dear/);
    sure(v);
  });

  test('the whole import is undone', async () => {
    const { page } = v;
    await page.goto('/import');
    await page.click('.plain a.ref');
    await page.click('form[action$="/undo"] button');
    await page.waitForSelector('.note');
    assert.match(await page.textContent('#import'), /went into the recycle bin/);
    await page.goto('/deals?q=OPP0001');
    assert.equal(await page.locator('[data-rows] tbody tr').count(), 0);
    sure(v);
  });

  test('a new field is usable at once, and takes less than a minute', async () => {
    const { page } = v;
    const begun = Date.now();
    await page.goto('/settings/objects/contact');
    await page.fill('.main [name=en] >> nth=0', 'Shoe size');
    await page.fill('.main [name=fa] >> nth=0', 'شمارهٔ کفش');
    await page.selectOption('[name=type]', 'number');
    await page.click('.main .btn.fill');
    await page.waitForSelector('#field-shoe_size');
    await page.goto('/contacts/new');
    await page.fill('[name="name.family"]', 'Moradi');
    await page.fill('[name=shoe_size]', '۴۲');
    await page.click('.main footer button.fill');
    await page.waitForURL(/\/contacts\/[0-9a-f-]{36}$/);
    assert.match(await page.textContent('.sheet-side'), /Shoe size\s*42/);
    assert.ok(Date.now() - begun < 60_000);
    sure(v);
  });
});

describe('days of work', { timeout: 480_000 }, () => {
  let server;
  let browser;
  let contact;
  const admin = 'niloufar.azarnoush@negarin.example.com';
  before(async () => {
    server = await start({ demo: true });
    browser = await launch();
    for (const [email, role] of [
      ['one@e2e.example.com', 'admin'],
      ['two@e2e.example.com', 'admin'],
      ['seller@e2e.example.com', 'seller'],
    ]) {
      await server.command('admin', 'create-user', '--email', email, '--name', email.split('@')[0], '--role', role);
    }
    const v = await visit(browser, server.base);
    await signIn(server, v.page, admin);
    await v.page.goto('/contacts');
    contact = await v.page.locator('.main a[href^="/contacts/0"]').first().getAttribute('href');
    await v.context.close();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const person = (email, options) => signedIn(server, browser, email, options);

  test('two people edit one record: both values are shown, one is chosen', async () => {
    const one = await person('one@e2e.example.com');
    const two = await person('two@e2e.example.com');
    two.allow(409);
    await one.page.goto(`${contact}/edit/job_title`);
    await two.page.goto(`${contact}/edit/job_title`);
    await one.page.fill('[name=job_title]', 'مدیر خرید');
    await one.page.click('.main footer button.fill');
    await one.page.waitForURL(u => u.pathname === contact);
    await two.page.fill('[name=job_title]', 'مدیر فروش');
    await two.page.click('.main footer button.fill');
    await two.page.waitForSelector('.theirs');
    assert.match(await two.page.textContent('.theirs'), /مدیر خرید/);
    assert.equal(await two.page.inputValue('[name=job_title]'), 'مدیر فروش');
    await two.page.click('.main footer button.fill');
    await two.page.waitForURL(u => u.pathname === contact);
    assert.match(await two.page.textContent('#v-job_title'), /مدیر فروش/);
    sure(one);
    sure(two);
    await one.context.close();
    await two.context.close();
  });

  test('a field is changed in place, by keys alone', async () => {
    const v = await person('one@e2e.example.com');
    const { page } = v;
    await page.goto(contact);
    await page.focus('#v-department .pen');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#v-department form.inline');
    await page.keyboard.type('بازرگانی');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#v-department form.inline', { state: 'detached' });
    assert.match(await page.textContent('#v-department'), /بازرگانی/);
    // The attention is where it was.
    assert.ok(await page.evaluate(() => document.activeElement.matches('#v-department .pen')));
    sure(v);
    await v.context.close();
  });

  test('a call that is done writes exactly one interaction', async () => {
    const v = await person('one@e2e.example.com');
    const { page } = v;
    // A person of whom nothing is planned yet: the call is the next step.
    await page.goto('/contacts/new');
    await page.fill('[name="name.family"]', 'سپهری‌نیا');
    await page.click('.main footer button.fill');
    await page.waitForURL(/\/contacts\/[0-9a-f-]{36}$/);
    const called = new URL(page.url()).pathname;
    await page.goto(`${called}?show=interaction`);
    const earlier = await page.locator('ol.time > li').count();
    await page.goto(called);
    await page.check('.kinds [value=call]', { force: true });
    await page.fill('#c-body', 'پیگیری پیشنهاد قیمت');
    await page.fill('[name=when]', 'فردا');
    await page.click('.composer .btn.fill');
    await page.waitForSelector('.nextstep form');
    assert.match(await page.textContent('.nextstep'), /پیگیری پیشنهاد قیمت/);
    await page.click('.nextstep form button');
    await page.goto(`${called}?show=interaction`);
    assert.equal(await page.locator('ol.time > li').count(), earlier + 1);
    assert.match(await page.textContent('ol.time'), /پیگیری پیشنهاد قیمت/);
    sure(v);
    await v.context.close();
  });

  test('a task that is added to a story repeats in words', async () => {
    const v = await person('one@e2e.example.com', { locale: 'fa' });
    const { page } = v;
    await page.goto('/contacts/new');
    await page.fill('[name="name.family"]', 'تکرارپور');
    await page.click('.main footer button.fill');
    await page.waitForURL(/\/contacts\/[0-9a-f-]{36}$/);
    // A note has no plan.
    assert.equal(await page.isVisible('[name=repeat]'), false);
    await page.check('.kinds [value=task]', { force: true });
    assert.equal(await page.isVisible('[name=repeat]'), true);
    // All of the plan stands inside the frame, in words: «انجام شده است» beside its box.
    assert.match(await page.innerText('.plan .tick'), /انجام شده است/);
    const [frame, tick] = [await page.locator('.composer fieldset').boundingBox(), await page.locator('.plan .tick').boundingBox()];
    assert.ok(tick.x >= frame.x && tick.x + tick.width <= frame.x + frame.width && tick.width > 60);
    await page.fill('#c-body', 'ارسال گزارش');
    await page.fill('[name=when]', 'فردا');
    await page.fill('[name=repeat]', 'هر دو هفته');
    await page.click('.composer .btn.fill');
    await page.waitForSelector('.nextstep a');
    await page.click('.nextstep a');
    await page.waitForURL(/\/activities\//);
    assert.match(await page.textContent('main'), /هر ۲ هفته/);
    sure(v);
    await v.context.close();
  });

  test('a file is put on a record and fetched again', async () => {
    const v = await person('one@e2e.example.com');
    const { page } = v;
    await page.goto(contact);
    await page.setInputFiles('.files [type=file]', {
      name: 'قرارداد.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('متن قرارداد'),
    });
    await page.click('.files form.quick button');
    await page.waitForSelector('.files a[download]');
    const [file] = await Promise.all([page.waitForEvent('download'), page.click('.files a[download]')]);
    const { readFile } = await import('node:fs/promises');
    assert.equal(await readFile(await file.path(), 'utf8'), 'متن قرارداد');
    sure(v);
    await v.context.close();
  });

  test('two records become one, field by field, and two again', async () => {
    const v = await person('one@e2e.example.com', { locale: 'fa' });
    const { page } = v;
    const make = async (family, title) => {
      await page.goto('/contacts/new');
      await page.fill('[name="name.family"]', family);
      await page.fill('[name=job_title]', title);
      await page.click('.main footer button.fill');
      await page.waitForURL(/\/contacts\/[0-9a-f-]{36}$/);
      return new URL(page.url()).pathname;
    };
    const a = await make('یکتاپور نخست', 'حسابدار');
    const b = await make('یکتاپور دوم', 'مدیر مالی');
    await page.goto(`${a}/merge`);
    await page.fill('[name=with]', 'یکتاپور دوم');
    await page.keyboard.press('Escape');
    await page.click('form.pick button');
    await page.waitForSelector('table.plain');
    await page.check('[name="take:job_title"][value=theirs]');
    await page.click('form[method=post] .btn.fill');
    await page.waitForURL(u => u.pathname === a);
    assert.match(await page.textContent('#v-job_title'), /مدیر مالی/);
    await page.goto(b);
    assert.match(await page.textContent('h1'), /یکتاپور نخست/);
    await page.goto(a);
    sure(v);
    await v.context.close();
  });

  test('what was typed outlives the session', async () => {
    const v = await person('one@e2e.example.com');
    const { page, context } = v;
    await page.goto('/contacts/new');
    await page.fill('[name="name.family"]', 'پایدار');
    await page.fill('[name=job_title]', 'نویسنده');
    await context.clearCookies({ name: 'peyvand_session' });
    await page.click('.main footer button.fill');
    await page.waitForURL(/\/sign-in\?to=/);
    const link = (await server.command('admin', 'sign-in-link', '--user', 'one@e2e.example.com')).match(
      /\/sign-in\/link\?token=\S+/,
    )[0];
    await page.goto(link);
    await page.click('form button');
    await page.waitForURL(u => !u.pathname.startsWith('/sign-in'));
    await page.goto('/again');
    await page.click('.main .btn.fill');
    await page.waitForURL(/\/contacts\/[0-9a-f-]{36}$/);
    assert.match(await page.textContent('.sheet-side'), /نویسنده/);
    sure(v);
    await v.context.close();
  });

  test('the box in the head takes all rows of the page by mouse, and gives them back', async () => {
    const v = await person('one@e2e.example.com');
    const { page } = v;
    await page.goto('/companies');
    const rows = await page.locator('tr[data-id]').count();
    assert.ok(rows > 1);
    await page.click('#pick-all');
    await page.locator('tr[data-id] .pick input:checked').nth(rows - 1).waitFor();
    assert.equal(await page.locator('tr[data-id] .pick input:checked').count(), rows);
    assert.equal(await page.isVisible('#bulk'), true);
    await page.click('#pick-all');
    assert.equal(await page.locator('tr[data-id] .pick input:checked').count(), 0);
    // One row by itself, as before.
    await page.locator('tr[data-id] .pick input').nth(1).click();
    await page.locator('tr[data-id] .pick input:checked').first().waitFor();
    assert.equal(await page.locator('tr[data-id] .pick input:checked').count(), 1);
    sure(v);
    await v.context.close();
  });

  test('what a form lacks is said beside its field in the language of the page', async () => {
    const v = await person('one@e2e.example.com');
    const { page } = v;
    for (const [at, form, field] of [
      ['/account', 'form[action="/account/password"]', 'old'],
      ['/import', 'form[action="/import"]', 'file'],
      ['/settings/people', 'form[action="/settings/people"]', 'name'],
    ]) {
      await page.goto(at);
      await page.locator(`${form} button`).first().click();
      const said = page.locator(`${form} .err`).first();
      await said.waitFor();
      assert.match(await said.textContent(), /[\u0600-\u06ff]/, at);
      const input = page.locator(`${form} [name=${field}]`);
      assert.equal(await input.getAttribute('aria-describedby'), await said.getAttribute('id'), at);
      assert.equal(new URL(page.url()).pathname, at);
    }
    // What is mended is no longer said.
    await page.fill('form[action="/settings/people"] [name=name]', 'نام');
    assert.equal(await page.locator('form[action="/settings/people"] [name=name] + .err').count(), 0);
    sure(v);
    await v.context.close();
  });

  test('a quick lead that is known already is warned of, on its page and in its dialog', async () => {
    const v = await person('one@e2e.example.com');
    const { page } = v;
    await page.goto('/contacts/new');
    await page.fill('[name="name.given"]', 'فرزانه');
    await page.fill('[name="name.family"]', 'دیدگاه');
    await page.fill('[name=phones]', '09121110022');
    await page.click('.main footer button.fill');
    await page.waitForURL(/\/contacts\/[0-9a-f-]{36}$/);
    for (const where of ['/quick', '/']) {
      await page.goto(where);
      if (where === '/') await page.locator('a[data-dialog][href="/quick"]:not([hidden])').first().click();
      await page.fill('#q-name', 'فرزانه دیدگاه');
      await page.fill('#q-reach', '09121110022');
      const known = page.locator('.likely a');
      await known.waitFor();
      assert.match(await known.textContent(), /فرزانه دیدگاه/);
    }
    sure(v);
    await v.context.close();
  });

  test('no names stay in a browser where nobody is signed in', async () => {
    const v = await person('one@e2e.example.com');
    const { page, context } = v;
    const lately = () => page.evaluate(() => localStorage.getItem('peyvand.lately'));
    await page.goto('/contacts');
    const record = page.locator('a[href^="/contacts/"]').filter({ visible: true });
    const paths = await record.evaluateAll(all => all.map(a => a.getAttribute('href')));
    await page.goto(paths.find(p => /^\/contacts\/[0-9a-f-]{36}$/.test(p)));
    assert.match(await lately(), /title/);
    // The session ends elsewhere: nobody pressed a button here.
    await context.clearCookies({ name: 'peyvand_session' });
    await page.goto('/');
    await page.waitForURL(/\/sign-in/);
    assert.equal(await lately(), null);
    sure(v);
    await v.context.close();
  });

  test('a seller sees only what they may', async () => {
    const v = await person('seller@e2e.example.com');
    v.allow(403);
    v.allow(404);
    const { page } = v;
    await page.goto('/contacts');
    assert.equal(await page.locator('[data-rows] tbody tr').count(), 0);
    assert.equal((await page.goto(contact)).status(), 404);
    for (const path of [
      '/settings/objects',
      '/settings/log',
      '/settings/jobs',
      '/settings/workspace',
      '/settings/hours',
    ]) {
      assert.equal((await page.goto(path)).status(), 403, path);
    }
    await page.goto('/settings');
    assert.equal(await page.locator('a[href="/settings/log"]').count(), 0);
    sure(v);
    await v.context.close();
  });

  test('a cell is changed where it stands, and its editor covers nothing of itself', async () => {
    const v = await person('one@e2e.example.com');
    const { page } = v;
    await page.goto('/companies?columns=name,city,industry');
    await page.locator('tr[data-id]').first().waitFor();
    for (const key of ['j', 'ArrowLeft', 'e']) await page.keyboard.press(key);
    const input = page.locator('.editing .celled .in');
    await input.waitFor();
    const place = await input.boundingBox();
    const buttons = await page.locator('.editing .acts-row').boundingBox();
    assert.ok(place.height >= 24, `an input of ${place.height} pixels`);
    assert.ok(buttons.y >= place.y + place.height - 1, 'the buttons stand below the input');
    await input.fill('کیش');
    const saved = page.waitForResponse(r => r.request().method() === 'POST' && r.url().includes('/cell/'));
    await page.keyboard.press('Enter');
    assert.equal((await saved).status(), 200);
    const cell = page.locator('td[data-f=city]', { hasText: 'کیش' });
    await cell.waitFor();
    // The focus is where it was.
    assert.equal(await cell.evaluate(e => e.contains(document.activeElement)), true);
    sure(v);
    await v.context.close();
  });

  test('a list goes on to its end by itself, and has each record once', async () => {
    const v = await person('one@e2e.example.com', { viewport: { width: 1280, height: 800 } });
    const { page } = v;
    await page.goto('/contacts');
    const said = await page.locator('#list-count').textContent();
    const count = Number([...said].map(c => '۰۱۲۳۴۵۶۷۸۹'.indexOf(c)).filter(d => d >= 0).join(''));
    assert.ok(count > 100, `a list of ${said}`);
    const seen = new Map();
    // Pages that are far from the eye are taken out: each is looked at while it is there.
    for (let n = 0; n < 60 && seen.size < count; n++) {
      const rows = await page.locator('tr[data-id]').evaluateAll(all => all.map(r => [r.dataset.id, r.cells.length]));
      for (const [id, cells] of rows) seen.set(id, cells);
      await page.locator('.gridwrap').evaluate(e => e.scrollBy(0, 3000));
      await page.waitForTimeout(150);
    }
    assert.equal(seen.size, count);
    assert.equal(new Set(seen.values()).size, 1, 'rows of later pages have other cells');
    assert.equal(await page.locator('#more a[rel=next]').count(), 0);
    sure(v);
    await v.context.close();
  });

  test('who has gone far down a list stays there when it is only shown otherwise, and begins at the top of another', async () => {
    const v = await person('one@e2e.example.com', { viewport: { width: 1280, height: 800 } });
    const { page } = v;
    await page.goto('/contacts');
    const rows = page.locator('tr[data-id]');
    while ((await rows.count()) < 60) {
      await page.locator('.gridwrap').evaluate(e => e.scrollTo(0, e.scrollHeight));
      await page.waitForTimeout(50);
    }
    const there = await rows.nth(55).getAttribute('id');
    const sight = page.locator(`#${there}`);
    await sight.evaluate(e => e.scrollIntoView({ block: 'center' }));
    const top = () => page.locator('.gridwrap').evaluate(e => e.scrollTop);
    const before = await top();
    const swapped = () => page.evaluate(() => new Promise(done => addEventListener('swapped', done, { once: true })));
    let done = swapped();
    await page.click('a[href*="density=compact"]');
    await done;
    assert.equal(await page.locator('.gridwrap.compact').count(), 1);
    assert.ok((await rows.count()) >= 56);
    assert.equal(await sight.count(), 1);
    assert.ok(Math.abs((await top()) - before) < 300, `${before} became ${await top()}`);
    done = swapped();
    await page.click('th[data-f=city] a.sort');
    await done;
    assert.equal(await top(), 0);
    sure(v);
    await v.context.close();
  });

  test('a record is tagged, found by its tag, and untagged', async () => {
    const v = await person('one@e2e.example.com');
    const { page } = v;
    await page.goto(contact);
    await page.fill('#tag-name', 'نمایشگاه');
    await page.click('form:has(#tag-name) button');
    await page.waitForSelector('.tags li');
    await page.click('.tags li button');
    await page.waitForFunction(() => !document.querySelector('.tags li'));
    // A part of the name: Enter takes the suggestion, the next one adds it.
    await page.locator('#tag-name').pressSequentially('نمایش');
    await page.waitForSelector('#tag-name-list [role=option]');
    await page.press('#tag-name', 'Enter');
    assert.equal(await page.inputValue('#tag-name'), 'نمایشگاه');
    assert.equal(await page.locator('.tags li').count(), 0);
    await page.press('#tag-name', 'Enter');
    await page.waitForSelector('.tags li');
    await page.click('.tags li button');
    await page.waitForFunction(() => !document.querySelector('.tags li'));
    // The whole name, with the suggestion shown: one Enter adds it.
    await page.locator('#tag-name').pressSequentially('نمایشگاه');
    await page.waitForSelector('#tag-name-list:not([hidden]) [role=option]');
    await page.press('#tag-name', 'Enter');
    await page.waitForSelector('.tags li');
    assert.equal((await page.textContent('.tags li')).trim(), 'نمایشگاه');
    await page.goto('/contacts');
    await page.keyboard.press('f');
    await page.getByRole('link', { name: 'برچسب', exact: true }).click();
    await page.selectOption('.picker [name=value]', { label: 'نمایشگاه' });
    await page.click('.picker button.fill');
    await page.waitForSelector('.chip');
    assert.match(await page.textContent('.chip'), /برچسب\s*دارد\s*نمایشگاه/);
    assert.equal(await page.locator('tr[data-id]').count(), 1);
    await page.goto(contact);
    await page.click('.tags li button');
    await page.waitForFunction(() => !document.querySelector('.tags li'));
    await page.click('.toast form button');
    await page.waitForSelector('.tags li');
    sure(v);
    await v.context.close();
  });

  test('what falls due is told in the page while it is looked at', async () => {
    const v = await person('one@e2e.example.com');
    const { page } = v;
    const soon = new Date(Date.now() + 10 * 60_000).toISOString();
    await page.goto('/activities/new');
    await page.fill('[name=subject]', 'زنگ به خانم سپهری');
    await page.fill('[name=due_at]', soon);
    await page.click('.main footer button.fill');
    await page.waitForURL(/\/activities\/[0-9a-f-]{36}$/);
    // Any page: it is not the one of the activity.
    await page.goto('/products');
    await page.waitForSelector('.toast a', { timeout: 45_000 });
    assert.match(await page.textContent('.toasts'), /زنگ به خانم سپهری/);
    await page.waitForFunction(() => !document.querySelector('[data-unread]').hidden, null, { timeout: 45_000 });
    await page.goto('/notifications');
    assert.match(await page.textContent('.told'), /زنگ به خانم سپهری/);
    sure(v);
    await v.context.close();
  });

  test('a file is asked for, told of and fetched', async () => {
    const v = await person('one@e2e.example.com');
    const { page } = v;
    await page.goto('/export');
    await page.selectOption('[name=object]', 'companies');
    await page.selectOption('[name=format]', 'csv');
    await page.click('.main .btn.fill');
    const link = page.locator('.plain a[download]').first();
    await link.waitFor({ timeout: 20_000 });
    const [file] = await Promise.all([page.waitForEvent('download'), link.click()]);
    assert.equal(file.suggestedFilename(), 'companies.csv');
    await page.goto('/notifications');
    assert.match(await page.textContent('.told'), /خروجی داده/);
    sure(v);
    await v.context.close();
  });

  test('a card is carried by a finger', async () => {
    const v = await person(admin, { hasTouch: true, viewport: { width: 1024, height: 800 } });
    const { page } = v;
    await page.goto('/deals/board');
    const card = page.locator('.col .card').first();
    const id = await card.getAttribute('data-id');
    const from = await card.boundingBox();
    const cols = page.locator('.col');
    const here = await card.evaluate(e => e.closest('.col').dataset.stage);
    const next = await cols.evaluateAll(
      (all, now) => all[all.findIndex(c => c.dataset.stage === now) + 1].dataset.stage,
      here,
    );
    const to = await page.locator(`.col[data-stage="${next}"]`).boundingBox();
    const touch = await page.context().newCDPSession(page);
    const point = (x, y) => [{ x, y }];
    const start = [from.x + from.width / 2, from.y + 20];
    const end = [to.x + to.width / 2, to.y + 160];
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: point(...start) });
    // A finger that rests takes the card; one that moves at once scrolls.
    await page.waitForTimeout(600);
    for (let n = 1; n <= 10; n++)
      await touch.send('Input.dispatchTouchEvent', {
        type: 'touchMove',
        touchPoints: point(start[0] + ((end[0] - start[0]) * n) / 10, start[1] + ((end[1] - start[1]) * n) / 10),
      });
    const moved = page.waitForResponse(r => r.url().endsWith(`/deals/${id}/move`));
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    assert.ok((await moved).ok() || (await moved).status() === 422);
    sure(v);
    await v.context.close();
  });

  test('the same day in both calendars', async () => {
    const v = await person('one@e2e.example.com');
    const { page } = v;
    await page.goto('/calendar?view=day&at=2026-03-21&calendar=jalali');
    assert.match(await page.textContent('.caltools h2'), /۱ فروردین ۱۴۰۵/);
    assert.match(await page.textContent('.calendar'), /نوروز/);
    await page.goto('/calendar?view=day&at=2026-03-21&calendar=gregorian');
    assert.match(await page.textContent('.caltools h2'), /۲۱ مارس ۲۰۲۶/);
    assert.match(await page.textContent('.calendar'), /نوروز/);
    await page.goto('/calendar?view=month&at=2026-03-21&calendar=jalali');
    assert.equal(await page.locator('td.off[data-day="2026-03-21"]').count(), 1);
    assert.equal(await page.locator('table.month th').first().textContent(), 'شنبه');
    sure(v);
    await v.context.close();
  });

  test("the firm's own day stands instead of the holiday", async () => {
    const v = await person('one@e2e.example.com');
    const { page } = v;
    await page.goto('/settings/holidays');
    await page.fill('[name=name]', 'روز کاری ویژه');
    await page.fill('[name=day]', '۱۴۰۵/۱/۲');
    await page.selectOption('[name=kind]', 'work');
    await page.click('.main .btn.fill');
    await page.waitForSelector('table');
    await page.goto('/calendar?view=month&at=2026-03-22&calendar=jalali');
    assert.equal(await page.locator('td.off[data-day="2026-03-22"]').count(), 0);
    assert.equal(await page.locator('td.off[data-day="2026-03-23"]').count(), 1);
    sure(v);
    await v.context.close();
  });

  test('an activity is carried to another day by keys', async () => {
    const v = await person('one@e2e.example.com');
    const { page } = v;
    await page.goto('/activities/new');
    await page.fill('[name=subject]', 'جلسهٔ آزمون');
    await page.fill('[name=due_at]', '2026-12-08 10:00');
    await page.click('.main footer button.fill');
    await page.waitForURL(/\/activities\/[0-9a-f-]{36}$/);
    await page.goto('/calendar?view=month&at=2026-12-08&calendar=jalali');
    // Another activity may stand on the day as well.
    const ev = page.locator('td[data-day="2026-12-08"] .ev', { hasText: 'جلسهٔ آزمون' });
    await ev.locator('a').first().focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowDown');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Space')]);
    assert.match(await page.textContent('td[data-day="2026-12-15"]'), /جلسهٔ آزمون/);
    await page.click('.toast form button');
    await ev.waitFor();
    sure(v);
    await v.context.close();
  });

  test('how an activity repeats is chosen and read in words while it is', async () => {
    const v = await person('one@e2e.example.com');
    const { page } = v;
    v.allow(422);
    const part = name => page.locator(`[name="recurrence.${name}"]`);
    const words = text =>
      page.waitForFunction(
        // The marks that set a value apart in a sentence are seen by nobody.
        t => document.querySelector('.repeat .words')?.textContent.replace(/[\u200f\u2068\u2069]/g, '').includes(t),
        text,
      );
    await page.goto('/activities/new');
    await page.fill('[name=subject]', 'بازبینی انبار');
    await page.fill('[name=due_at]', '۱۴۰۵/۹/۱۷ ۱۰:۰۰');
    // Nothing is asked that does not belong to the choice.
    assert.equal(await part('every').isVisible(), false);
    await page.selectOption('[name=recurrence]', 'weekly');
    assert.equal(await part('every').isVisible(), true);
    assert.equal(await part('day').isVisible(), false);
    // The day of the activity, until another one is named; a later day of it changes the words too.
    await words('هر هفته، سه‌شنبه؛ بار دیگر در ۱۴۰۵/۰۹/۲۴');
    await part('sa').focus();
    await page.keyboard.press('Space');
    await part('th').check();
    await words('هر هفته، شنبه و پنجشنبه');
    await page.selectOption('[name=recurrence]', 'monthly');
    await part('on').selectOption('weekday');
    await part('nth').selectOption('-1');
    await part('weekday').selectOption('FR');
    await part('end').selectOption('count');
    await part('count').fill('۰');
    await page.click('.main footer button.fill');
    await page.waitForSelector('#e-recurrence');
    assert.match(await page.textContent('#e-recurrence'), /از ۱ تا ۹٬۹۹۹/);
    assert.equal(await part('count').inputValue(), '۰');
    await part('count').fill('۵');
    await words('آخرین جمعهٔ هر ماه شمسی، ۵ بار؛ بار دیگر در ۱۴۰۵/۰۹/۲۷');
    await page.click('.main footer button.fill');
    await page.waitForURL(/\/activities\/[0-9a-f-]{36}$/);
    const field = page.locator('dd[data-edit$="/edit/recurrence"]');
    assert.match(await field.textContent(), /آخرین جمعهٔ هر ماه شمسی، ۵ بار/);
    // In place: what was chosen stands there, and something else is taken.
    await field.hover();
    await field.locator('.pen').click();
    await page.waitForSelector('form.inline .repeat');
    assert.equal(await part('nth').inputValue(), '-1');
    assert.equal(await part('count').inputValue(), '۵');
    await page.selectOption('form.inline [name=recurrence]', 'daily');
    await part('every').fill('۲');
    await words('هر ۲ روز، ۵ بار؛ بار دیگر در ۱۴۰۵/۰۹/۱۹');
    await page.click('form.inline button.fill');
    await page.waitForFunction(() => !document.querySelector('form.inline'));
    assert.match(await field.textContent(), /هر ۲ روز، ۵ بار/);
    sure(v);
    await v.context.close();
  });

  test('what was opened lately stands in the sidebar until one signs out', async () => {
    const v = await person('one@e2e.example.com');
    const { page } = v;
    const shelf = page.locator('.side [data-lately]');
    const titles = () => shelf.locator('a').allTextContents();
    await page.goto('/products');
    assert.equal(await shelf.isVisible(), false);
    await page.goto('/contacts');
    const opened = [];
    const links = await page
      .locator('.main a[href^="/contacts/0"]')
      .evaluateAll(all => [...new Set(all.map(a => a.getAttribute('href')))].slice(0, 6));
    assert.equal(links.length, 6);
    for (const to of links) {
      await page.goto(to);
      opened.unshift((await page.textContent('.head h1 bdi')).trim());
    }
    // The five last, the newest first; one that is opened again comes to the front and stands there once.
    await page.goto('/products');
    assert.deepEqual(await titles(), opened.slice(0, 5));
    await shelf.locator('a').nth(2).click();
    await page.waitForURL(u => u.pathname === links[3]);
    assert.equal(await shelf.locator('a[aria-current=page]').count(), 1);
    const again = [opened[2], opened[0], opened[1], opened[3], opened[4]];
    assert.deepEqual(await titles(), again);
    // The palette has them too, without the one that is open.
    await page.keyboard.press('Control+KeyK');
    await page.waitForSelector('#pal [role=option]');
    const offered = await page.locator('#pal [role=option]').allTextContents();
    assert.ok(offered.slice(0, 8).some(text => text.includes(opened[0])));
    await page.keyboard.press('Escape');
    await page.evaluate(() => document.querySelector('form[action="/sign-out"]').requestSubmit());
    await page.waitForURL(/\/sign-in/);
    assert.equal(await page.evaluate(() => localStorage.getItem('peyvand.lately')), null);
    await signIn(server, page, 'two@e2e.example.com');
    await page.goto('/products');
    assert.equal(await shelf.isVisible(), false);
    sure(v);
    await v.context.close();
  });

  test('an activity is carried through the hours of a week and gets longer, by keys', async () => {
    const v = await person('one@e2e.example.com');
    const { page } = v;
    await page.goto('/calendar?view=week&at=2026-12-08&calendar=gregorian');
    // An empty hour by keyboard: Enter opens the form with its time.
    await page.focus('.slot[value="2026-12-08T10:00"]');
    await page.keyboard.press('ArrowDown');
    await Promise.all([page.waitForURL(/\/activities\/new/), page.keyboard.press('Enter')]);
    await page.fill('[name=subject]', 'بازدید کارخانه');
    await page.selectOption('[name=kind]', 'visit');
    await page.click('.main footer button.fill');
    await page.waitForURL(/\/calendar\?view=week/);
    const ev = page.locator('.tg-day[data-day="2026-12-08"] .ev', { hasText: 'بازدید کارخانه' });
    assert.match(await ev.getAttribute('class'), /\bh11 m0 e1 f0\b/);
    await ev.locator('a').focus();
    for (const key of ['Space', 'ArrowDown', 'ArrowDown', 'Shift+ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Space')]);
    // The page runs from right to left: the arrow to the right leads to the day before.
    const moved = page.locator('.tg-day[data-day="2026-12-07"] .ev', { hasText: 'بازدید کارخانه' });
    assert.match(await moved.getAttribute('class'), /\bh11 m30 e1 f15\b/);
    // By mouse: down by an hour, then its lower edge. Near the lower edge of the page it would scroll.
    const middle = () => moved.evaluate(e => e.scrollIntoView({ block: 'center' }));
    await middle();
    const box = await moved.boundingBox();
    const hour = (await page.locator('.slot').first().boundingBox()).height;
    await page.mouse.move(box.x + 20, box.y + 8);
    await page.mouse.down();
    await page.mouse.move(box.x + 20, box.y + 40);
    await page.mouse.move(box.x + 20, box.y + 8 + hour);
    await Promise.all([page.waitForNavigation(), page.mouse.up()]);
    assert.match(await moved.getAttribute('class'), /\bh12 m30 e1 f15\b/);
    await middle();
    const edge = await moved.locator('.stretch').boundingBox();
    await page.mouse.move(edge.x + 20, edge.y + 3);
    await page.mouse.down();
    await page.mouse.move(edge.x + 20, edge.y + 3 + hour / 4);
    await page.mouse.move(edge.x + 20, edge.y + 3 + hour / 2);
    await Promise.all([page.waitForNavigation(), page.mouse.up()]);
    assert.match(await moved.getAttribute('class'), /\bh12 m30 e1 f45\b/);
    await Promise.all([page.waitForNavigation(), page.click('.toast form button')]);
    assert.match(await moved.getAttribute('class'), /\bh12 m30 e1 f15\b/);
    sure(v);
    await v.context.close();
  });

  test('a note is written with formatting', async () => {
    const v = await person('one@e2e.example.com');
    const { page } = v;
    await page.goto('/contacts/new');
    await page.fill('[name="name.family"]', 'نویسا');
    await page.click('.main footer button.fill');
    await page.waitForURL(/\/contacts\/[0-9a-f-]{36}$/);
    await page.fill('#c-body', 'پیشنهاد فوری');
    await page.locator('#c-body').selectText();
    await page.keyboard.press('Control+KeyB');
    assert.equal(await page.inputValue('#c-body'), '**پیشنهاد فوری**');
    await page.locator('#c-body').press('Control+End');
    await page.keyboard.type('\n');
    await page.click('.marks button:nth-child(3)');
    await page.keyboard.type('یک');
    await page.click('#compose button.fill');
    await page.waitForSelector('.time .rich strong');
    assert.equal(await page.textContent('.time .rich strong'), 'پیشنهاد فوری');
    assert.equal(await page.textContent('.time .rich li'), 'یک');
    sure(v);
    await v.context.close();
  });
});
