// The small things of a day of selling: what is refused is said, what is moved stays in the hand, what is lost comes back.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { launch, signIn, signedIn, sure, visit } from '../lib/browser.mjs';
import { start } from '../lib/server.mjs';

describe('a day of selling', { timeout: 480_000 }, () => {
  let server;
  let browser;
  const emails = ['one@daily.example.com', 'two@daily.example.com'];
  before(async () => {
    server = await start({ demo: true });
    browser = await launch();
    for (const email of emails)
      await server.command('admin', 'create-user', '--email', email, '--name', email.split('@')[0], '--role', 'admin');
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const person = (options = {}, email = emails[0]) =>
    signedIn(server, browser, email, { locale: 'fa', viewport: { width: 1280, height: 800 }, ...options });
  const contact = async page => {
    await page.goto('/contacts/new');
    await page.fill('[name="name.family"]', `روزانه ${Date.now()}`);
    await page.click('.main footer button.fill');
    await page.waitForURL(/\/contacts\/[0-9a-f-]{36}$/);
    return new URL(page.url()).pathname;
  };
  const focused = page => page.evaluate(() => document.activeElement?.outerHTML.slice(0, 120));
  /** What is noted; what was noted before may stand there for a moment, so a text that is expected is waited for. */
  const noted = (page, expected = /./) => page.locator('.toast span', { hasText: expected }).first().textContent();
  /** Signs in again where the page has led to, and goes on from there. */
  const again = async page => {
    const to = new URL(page.url()).searchParams.get('to');
    const out = await server.command('admin', 'sign-in-link', '--user', emails[0]);
    await page.goto(out.match(/\/sign-in\/link\?token=\S+/)[0]);
    await page.click('form button');
    await page.waitForURL(u => !u.pathname.startsWith('/sign-in'));
    await page.goto(to);
  };

  test('what becomes of an upload is said, and the page stays where it is', async () => {
    const v = await person({ viewport: { width: 1280, height: 400 } });
    const { page } = v;
    v.allow(422);
    await page.goto(await contact(page));
    await page.fill('#c-body', 'هنوز نیمه‌کاره');
    const send = async (name, text) => {
      await page.setInputFiles('#files [type=file]', { name, mimeType: 'text/plain', buffer: Buffer.from(text) });
      await page.click('#files form.quick button:has-text("بارگذاری")');
      const said = await noted(page);
      await page.locator('.toast').evaluate(t => t.remove());
      return said;
    };
    assert.match(await send('تهی.txt', ''), /خالی/);
    assert.match(await send('برنامه.exe', 'MZ'), /پذیرفته نیست/);
    assert.match(await send('عکس.png', 'no picture'), /جور نیست/);
    assert.equal(await page.locator('#files a[download]').count(), 0);
    assert.match(await send('یادداشت.txt', 'متن'), /افزوده شد/);
    assert.equal(await page.locator('#files a[download]').count(), 1);
    assert.equal(await page.inputValue('#c-body'), 'هنوز نیمه‌کاره');
    sure(v);
    await v.context.close();
  });

  test('the palette does with the selected rows what it offers', async () => {
    const v = await person();
    const { page } = v;
    await page.goto('/contacts');
    const count = () => page.locator('.found [role=option]').count();
    const choose = async text => {
      await page.keyboard.press('Control+k');
      await page.fill('#pal input', text);
      await page.waitForFunction(t => document.querySelector('.found [role=option]')?.textContent.trim() === t, text);
      assert.ok((await count()) > 0);
      await page.keyboard.press('Enter');
    };
    await page.locator('tbody [data-f]').first().focus();
    await page.keyboard.press('x');
    for (const [text, id] of [
      ['برچسب', 'b-tag'],
      ['واگذاری', 'b-assign'],
      ['تغییر فیلد', 'b-edit'],
    ]) {
      await choose(text);
      await page.waitForSelector(`#${id}[open]`);
      assert.equal(await page.evaluate(i => document.getElementById(i).contains(document.activeElement), id), true);
      await page.keyboard.press('Escape');
    }
    const first = await page.locator('tr[data-id]').first().getAttribute('data-id');
    await choose('حذف');
    await page.waitForSelector(`#r-${first}`, { state: 'detached' });
    await page.click('.toast [data-undo]');
    await page.waitForSelector(`#r-${first}`);
    sure(v);
    await v.context.close();
  });

  test('the language changes on a page that a refused form has drawn', async () => {
    const v = await person();
    const { page } = v;
    v.allow(422);
    const at = await contact(page);
    await page.evaluate(to => {
      const form = document.createElement('form');
      form.method = 'post';
      form.action = `${to}/story`;
      for (const [name, value] of [
        ['kind', 'task'],
        ['body', 'x'],
        ['when', 'هیچ‌روزی'],
      ]) {
        const input = document.createElement('input');
        Object.assign(input, { name, value });
        form.append(input);
      }
      document.body.append(form);
      form.submit();
    }, at);
    await page.waitForURL(`**${at}/story`);
    await page.click('.me form button[lang=en]');
    await page.waitForURL(`**${at}`);
    assert.equal(await page.getAttribute('html', 'lang'), 'en');
    await page.click('.me form button[lang=fa]');
    await page.waitForSelector('html[lang=fa]');
    sure(v);
    await v.context.close();
  });

  test('a column is as wide as it was drawn, by mouse and by keys', async () => {
    const v = await person({ viewport: { width: 1500, height: 800 } });
    const { page } = v;
    await page.goto('/contacts?columns=name,city,company_id,job_title');
    const head = page.locator('th[data-f=city]');
    const width = async () => Math.round((await head.boundingBox()).width);
    const swapped = () => page.evaluate(() => new Promise(done => addEventListener('swapped', () => done(), { once: true })));
    const other = Math.round((await page.locator('th[data-f=job_title]').boundingBox()).width);
    const grip = await head.locator('.grip').boundingBox();
    const [x, y] = [grip.x + grip.width / 2, grip.y + grip.height / 2];
    const was = await width();
    let done = swapped();
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x - 40, y, { steps: 4 });
    await page.mouse.move(x - (220 - was), y, { steps: 4 });
    await page.mouse.up();
    await done;
    assert.ok(Math.abs((await width()) - 220) <= 2, `${await width()}`);
    // The others are as they were, and a page that is loaded anew has the same.
    assert.ok(Math.abs((await page.locator('th[data-f=job_title]').boundingBox()).width - other) <= 2);
    await page.reload();
    assert.ok(Math.abs((await width()) - 220) <= 2, `${await width()}`);
    // Narrower than its text too.
    done = swapped();
    await head.locator('a').focus();
    await page.keyboard.press('Alt+ArrowRight');
    await done;
    assert.ok(Math.abs((await width()) - 196) <= 2, `${await width()}`);
    done = swapped();
    await page.keyboard.press('Alt+ArrowRight');
    await done;
    assert.ok(Math.abs((await width()) - 172) <= 2, `${await width()}`);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'h-city');
    sure(v);
    await v.context.close();
  });

  test('an editor of several lines says the keys that save it', async () => {
    const v = await person();
    const { page } = v;
    await page.goto(await contact(page));
    await page.focus('#v-phones .pen');
    await page.keyboard.press('Enter');
    const area = page.locator('#v-phones textarea');
    await area.waitFor();
    assert.equal(await page.textContent('#v-phones .btn.fill kbd'), 'Ctrl Enter');
    await area.fill('09121234567');
    await page.keyboard.press('Enter');
    await page.keyboard.type('09351234567');
    await page.keyboard.press('Control+Enter');
    await area.waitFor({ state: 'detached' });
    assert.equal(await page.locator('#v-phones a.out').count(), 2);
    await page.focus('#v-job_title .pen');
    await page.keyboard.press('Enter');
    await page.locator('#v-job_title input.in').waitFor();
    assert.equal(await page.textContent('#v-job_title .btn.fill kbd'), 'Enter');
    // The same in a list.
    await page.goto('/contacts?columns=name,phones');
    await page.locator('tbody td[data-f=phones]').first().focus();
    await page.keyboard.press('F2');
    await page.waitForSelector('.celled textarea');
    assert.equal(await page.textContent('.celled .btn.fill kbd'), 'Ctrl Enter');
    sure(v);
    await v.context.close();
  });

  test('brackets count by their place, and the help shows them as they are', async () => {
    const v = await person();
    const { page } = v;
    await page.goto('/contacts');
    const press = (code, key) =>
      page.evaluate(
        ([code, key]) =>
          document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { code, key, bubbles: true, cancelable: true })),
        [code, key],
      );
    await page.locator('tbody [data-f]').first().focus();
    await press('BracketRight', 'چ');
    await page.waitForSelector('.peek');
    await press('BracketRight', 'چ');
    await page.waitForSelector('.peek', { state: 'detached' });
    await press('BracketLeft', 'ج');
    assert.equal(await page.locator('.app.folded').count(), 1);
    await press('BracketLeft', '[');
    assert.equal(await page.locator('.app.folded').count(), 0);
    await press('Slash', '؟');
    await page.waitForSelector('#keys[open]');
    const ways = await page.$$eval('#keys kbd', all => all.map(k => getComputedStyle(k).unicodeBidi));
    assert.deepEqual([...new Set(ways)], ['isolate']);
    sure(v);
    await v.context.close();
  });

  test('a lead is noted from everywhere by L', async () => {
    const v = await person();
    const { page } = v;
    for (const at of ['/', '/deals/board', '/companies', '/preferences']) {
      await page.goto(at);
      await page.keyboard.press('l');
      await page.waitForSelector('dialog[open] #q-name');
    }
    sure(v);
    await v.context.close();
  });

  test('a session that has ended leads to the door and back, from the board and from a list', async () => {
    const v = await person();
    const { page, context } = v;
    v.allow(401);
    await page.goto('/deals/board');
    const card = page.locator('.col .card').first();
    const id = await card.getAttribute('data-id');
    const next = await card.evaluate(
      e => [...document.querySelectorAll('.col')].find(c => c !== e.closest('.col') && !/won|lost/.test(c.dataset.kind)).dataset.stage,
    );
    const cols = await page.$$eval('.col', all => all.map(c => c.dataset.stage));
    const here = await card.evaluate(e => e.closest('.col').dataset.stage);
    await context.clearCookies({ name: 'peyvand_session' });
    await card.focus();
    await page.keyboard.press('Space');
    for (let n = cols.indexOf(here); n < cols.indexOf(next); n++) await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Space');
    await page.waitForURL(/\/sign-in\?to=/);
    await again(page);
    // The move was kept, and is made now.
    await page.click('.main .btn.fill');
    await page.waitForURL('**/deals/board**');
    assert.equal(await page.locator(`.col[data-stage="${next}"] #d-${id}`).count(), 1);
    await page.goto('/contacts');
    await context.clearCookies({ name: 'peyvand_session' });
    await page.locator('tbody [data-f]').first().focus();
    await page.keyboard.press(']');
    await page.waitForURL(/\/sign-in\?to=%2Fcontacts/);
    await again(page);
    assert.equal(new URL(page.url()).pathname, '/contacts');
    sure(v);
    await v.context.close();
  });

  test('without a connection the page and what was typed stay, and it is said', async () => {
    const v = await person();
    const { page, context } = v;
    const at = await contact(page);
    await page.fill('#c-body', 'یادداشتی بی‌اتصال');
    await context.setOffline(true);
    await page.click('#compose .btn.fill');
    await noted(page, /بدون اتصال/);
    assert.equal(new URL(page.url()).pathname, at);
    assert.equal(await page.inputValue('#c-body'), 'یادداشتی بی‌اتصال');
    await context.setOffline(false);
    await page.click('#compose .btn.fill');
    await page.waitForSelector('ol.time:has-text("یادداشتی بی‌اتصال")');
    await page.goto('/contacts');
    await context.setOffline(true);
    await page.click('th[data-f=city] a.sort, th a.sort >> nth=1');
    await noted(page, /بدون اتصال/);
    assert.ok((await page.locator('tr[data-id]').count()) > 1);
    await context.setOffline(false);
    // What the browser itself says of a connection that is gone is no fault of the page.
    assert.deepEqual(v.faults().filter(f => !/ERR_INTERNET_DISCONNECTED/.test(f)), []);
    await v.context.close();
  });

  test('while the server is away what was typed stays, and it is said; later it is sent', async () => {
    // What stands between the browser and the program, as a proxy does, and can be taken away.
    const sockets = new Set();
    const between = net.createServer(from => {
      const to = net.connect(new URL(server.base).port, '127.0.0.1');
      for (const s of [from, to]) {
        sockets.add(s);
        s.on('error', () => {});
        s.on('close', () => [from, to].forEach(x => x.destroy()));
      }
      from.pipe(to).pipe(from);
    });
    const listen = port => new Promise(done => between.listen(port, '127.0.0.1', done));
    await listen(0);
    const { port } = between.address();
    const v = await visit(browser, `http://127.0.0.1:${port}`, { locale: 'fa', viewport: { width: 1280, height: 800 } });
    await signIn({ ...server, base: `http://127.0.0.1:${port}` }, v.page, emails[0]);
    const { page } = v;
    const stream = page.waitForRequest(/\/events$/);
    await page.goto('/companies/new');
    await stream;
    await page.waitForTimeout(500);
    await page.fill('[name=name]', 'شرکت بی‌سرور');
    between.close();
    sockets.forEach(s => s.destroy());
    await page.waitForTimeout(500);
    await page.click('.main footer button.fill');
    await noted(page, /سرور پاسخ نمی‌دهد/);
    assert.equal(new URL(page.url()).pathname, '/companies/new');
    assert.equal(await page.inputValue('[name=name]'), 'شرکت بی‌سرور');
    await listen(port);
    await page.click('.main footer button.fill');
    await page.waitForURL(/\/companies\/[0-9a-f-]{36}$/);
    assert.match(await page.textContent('h1'), /شرکت بی‌سرور/);
    // Sent once.
    await page.goto('/companies?q=' + encodeURIComponent('بی‌سرور'));
    assert.equal(await page.locator('tr[data-id]').count(), 1);
    assert.deepEqual(v.faults().filter(f => !/ERR_(CONNECTION|INCOMPLETE|EMPTY)/.test(f)), []);
    await v.context.close();
    between.close();
    sockets.forEach(s => s.destroy());
  });

  test('a record is shared from its page, and the share is taken away', async () => {
    const v = await person();
    const { page } = v;
    const at = await contact(page);
    await page.click('.head a[href$="/shares"]');
    const box = page.locator('dialog.ask');
    await box.waitFor();
    assert.match(await box.textContent(), /با کسی به اشتراک گذاشته نشده/);
    // What lacks is said beside its field, in the dialog.
    await box.locator('button.fill').click();
    assert.equal(await box.locator('#f-with[aria-invalid]').count(), 1);
    assert.equal(new URL(page.url()).pathname, at);
    await box.locator('#f-with').selectOption({ label: 'two' });
    await box.locator('#f-may').selectOption('change');
    await box.locator('button.fill').click();
    await noted(page, /به اشتراک گذاشته شد/);
    assert.equal(new URL(page.url()).pathname, at);
    await page.click('.head a[href$="/shares"]');
    await box.locator('li').waitFor();
    assert.match(await box.locator('li').textContent(), /two.*ببیند و ویرایش کند/s);
    await box.locator('li button').click();
    await noted(page, /اشتراک پس گرفته شد/);
    await page.click('.head a[href$="/shares"]');
    await box.waitFor();
    assert.equal(await box.locator('li').count(), 0);
    sure(v);
    await v.context.close();
  });

  test("a record shows another person's change while it is looked at, and keeps what is being written", async () => {
    const v = await person();
    const w = await person({}, emails[1]);
    const at = await contact(v.page);
    await w.page.goto(at);
    await w.page.fill('#c-body', 'در حال نوشتن');
    await w.page.click('#v-department .pen', { force: true });
    const typed = w.page.locator('#v-department input.in');
    await typed.fill('بازرگانی');
    await w.page.waitForTimeout(500);
    await v.page.goto(`${at}/edit/job_title`);
    await v.page.fill('[name=job_title]', 'مدیر کارخانه');
    await v.page.click('.main footer button.fill');
    await w.page.waitForSelector('#v-job_title:has-text("مدیر کارخانه")', { timeout: 10_000 });
    assert.equal(await typed.inputValue(), 'بازرگانی');
    assert.equal(await w.page.inputValue('#c-body'), 'در حال نوشتن');
    sure(v);
    sure(w);
    await v.context.close();
    await w.context.close();
  });

  test('a loss asks for its reason until it has one, and leaves the card in the hand', async () => {
    const v = await person();
    const { page } = v;
    v.allow(422);
    await page.goto('/deals/board');
    const card = page.locator('.col:not([data-kind=won], [data-kind=lost]) .card').first();
    const id = await card.getAttribute('data-id');
    const steps = await card.evaluate(e => {
      const all = [...document.querySelectorAll('.col')];
      return all.findIndex(c => c.dataset.kind === 'lost') - all.indexOf(e.closest('.col'));
    });
    const carry = async () => {
      await page.locator(`#d-${id}`).focus();
      await page.keyboard.press('Space');
      for (let n = 0; n < Math.abs(steps); n++) await page.keyboard.press(steps > 0 ? 'ArrowLeft' : 'ArrowRight');
      await page.keyboard.press('Space');
      await page.waitForSelector('dialog #move-ask');
    };
    await carry();
    assert.equal(await page.locator('dialog .err').count(), 0);
    await page.click('dialog #move-ask .btn.fill');
    await page.waitForSelector('dialog #move-ask .err');
    assert.match(await page.textContent('dialog .err'), /\S/);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog.ask', { state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement.id), `d-${id}`);
    assert.equal(await page.locator(`.col:not([data-kind=won], [data-kind=lost]) #d-${id}`).count(), 1);
    sure(v);
    await v.context.close();
  });

  test('what is moved on the calendar by keys has the attention afterwards', async () => {
    const v = await person();
    const { page } = v;
    await page.goto('/activities/new');
    await page.fill('[name=subject]', 'پیگیری فراموش‌نشدنی');
    await page.fill('[name=due_at]', '2026-12-08 10:00');
    await page.click('.main footer button.fill');
    await page.waitForURL(/\/activities\/[0-9a-f-]{36}$/);
    for (const [view, key] of [
      ['month', 'ArrowDown'],
      ['week', 'ArrowLeft'],
    ]) {
      await page.goto(`/calendar?view=${view}&at=2026-12-${view === 'month' ? '08' : '15'}&calendar=jalali`);
      await page.locator('.ev a', { hasText: 'پیگیری فراموش‌نشدنی' }).first().focus();
      await page.keyboard.press('Space');
      await page.keyboard.press(key);
      await Promise.all([page.waitForNavigation(), page.keyboard.press('Space')]);
      await page.waitForFunction(() => document.activeElement?.textContent.includes('فراموش‌نشدنی'));
    }
    // The month shows days until the 25th: a second week further there is none, and it is not put on the last day.
    await page.goto('/calendar?view=month&at=2026-12-16&calendar=jalali');
    await page.locator('.ev a', { hasText: 'پیگیری فراموش‌نشدنی' }).first().focus();
    for (const key of ['Space', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Space')]);
    const cell = page.locator('[data-day]', { hasText: 'پیگیری فراموش‌نشدنی' }).first();
    assert.equal(await cell.getAttribute('data-day'), '2026-12-23');
    // The box of another day reads what it gives as an example.
    await page.goto('/calendar?view=agenda&at=2026-12-15');
    const box = page.locator('li.ev', { hasText: 'پیگیری فراموش‌نشدنی' }).locator('.moveform .in').first();
    const [, second] = (await box.getAttribute('placeholder')).split('، ');
    await box.fill(second);
    await Promise.all([page.waitForNavigation(), box.press('Enter')]);
    assert.match(await page.textContent('.toast'), /جابه‌جا شد/);
    sure(v);
    await v.context.close();
  });

  test('on paper stands the whole record and nothing that is pressed', async () => {
    const v = await person();
    const { page } = v;
    await page.setViewportSize({ width: 718, height: 900 });
    const shown = sel => page.locator(sel).first().isVisible();
    await page.goto('/contacts');
    const row = await page.locator('tr[data-id]').first().getAttribute('id');
    const to = await page.locator('tr[data-id] a').first().getAttribute('href');
    await page.emulateMedia({ media: 'print' });
    assert.equal(await shown(`#${row}`), true);
    // Nothing stands beside the paper, and no word of a name or a town is broken.
    const beside = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.equal(await beside(), 0);
    const broken = await page.evaluate(() =>
      [...document.querySelectorAll('td[data-f=city] bdi, th.who bdi')]
        .filter(e => e.textContent && !/[\s-]/.test(e.textContent) && e.getClientRects().length > 1)
        .map(e => e.textContent),
    );
    assert.deepEqual(broken, []);
    for (const sel of ['.side', '.dock', '.tools .search', '#more', '.head .btn', 'td.pick']) assert.equal(await shown(sel), false, sel);
    await page.goto(to);
    assert.equal(await shown('.sheet-side dd'), true);
    assert.equal(await beside(), 0);
    for (const sel of ['.composer', '.head .btn', '.pen', '.dock']) assert.equal(await shown(sel), false, sel);
    const whole = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('.main, .record, .record > *, .gridwrap, .calendar')]
          .filter(e => e.scrollHeight > e.clientHeight + 1 && getComputedStyle(e).overflowY !== 'visible')
          .map(e => e.className),
      );
    assert.deepEqual(await whole(), []);
    await page.goto('/calendar?view=month');
    assert.equal(await shown('.month'), true);
    assert.equal(await shown('.caltools .seg'), false);
    assert.deepEqual(await whole(), []);
    sure(v);
    await v.context.close();
  });

  test('on a telephone the table of permissions says of which channel it speaks', async () => {
    const v = await person({ viewport: { width: 390, height: 844 } });
    const { page } = v;
    await page.goto('/contacts');
    const reached = page.locator('tr[data-id]:has(a[href^="mailto:"]) a').first();
    await page.goto(`${await reached.getAttribute('href')}/consent`);
    assert.equal(await page.locator('.consent-uses thead th').nth(1).isVisible(), true);
    // What stands in a cell does not touch its edge.
    const air = await page.evaluate(() => {
      const cell = document.querySelector('.consent-uses tbody td');
      return cell.querySelector('.tag').getBoundingClientRect().top - cell.getBoundingClientRect().top;
    });
    assert.ok(air >= 4, String(air));
    sure(v);
    await v.context.close();
  });

  test('on a telephone everything of the head is in sight, and the story is one step away', async () => {
    const v = await person({ viewport: { width: 390, height: 844 }, hasTouch: true });
    const { page } = v;
    await page.goto('/contacts');
    const to = await page.locator('tr[data-id] a').first().getAttribute('href');
    for (const at of ['/deals/board', '/contacts', to]) {
      await page.goto(at);
      const out = await page.$$eval('.head > *', all =>
        all
          .map(e => e.getBoundingClientRect())
          .filter(r => r.width && (r.left < -1 || r.right > innerWidth + 1))
          .map(r => `${r.left}…${r.right}`),
      );
      assert.deepEqual(out, [], at);
    }
    const jump = page.locator('.jump a[href="#story"]');
    assert.ok((await jump.boundingBox()).y < 400);
    await jump.click();
    await page.waitForFunction(() => document.getElementById('compose').getBoundingClientRect().top < innerHeight);
    assert.ok((await page.locator('#story').boundingBox()).y > 40, 'nothing covers its head');
    sure(v);
    await v.context.close();
  });

  test('a merge that is taken back stays at its page, and a note that is deleted leads to its person', async () => {
    const v = await person();
    const { page } = v;
    const a = await contact(page);
    const b = await contact(page);
    const name = await page.textContent('h1 bdi');
    await page.goto(`${a}/merge`);
    await page.fill('[name=with]', name);
    await page.keyboard.press('Escape');
    await page.click('form.pick button');
    await page.waitForSelector('table.plain');
    await page.click('form[method=post] .btn.fill');
    await page.waitForURL(u => u.pathname === a);
    await page.click('.toast form button');
    await page.waitForSelector('.toast:not(:has(form))');
    assert.equal(new URL(page.url()).pathname, a);
    await page.goto(b);
    assert.equal(await page.textContent('h1 bdi'), name);
    await page.fill('#c-body', 'یادداشت گذرا');
    await page.click('#compose .btn.fill');
    await page.waitForSelector('ol.time:has-text("یادداشت گذرا")');
    await page.locator('ol.time a[href^="/notes/"]').first().click();
    await page.waitForURL(/\/notes\/[0-9a-f-]{36}$/);
    await page.click('form[action$="/delete"] button');
    await page.waitForURL(u => u.pathname === b);
    assert.doesNotMatch(await page.textContent('#told'), /یادداشت گذرا/);
    sure(v);
    await v.context.close();
  });
});
