// What a person waits for on the pages, in milliseconds. `cargo xtask bench` gives the addresses on the standard input and reads
// the times from the standard output. Whatever is not as it should be ends the script: a wrong page is never a quick one.
import { launch, visit } from './lib/browser.mjs';

const read = async () => {
  let text = '';
  for await (const part of process.stdin) text += part;
  return JSON.parse(text);
};
const asked = await read();
const told = { list: [], palette: [], editor: [], cell: [], peek: [], board: [] };
const must = (right, what) => {
  if (!right) throw new Error(what);
};

const browser = await launch();
// Nothing of what a person has chosen is put in the browser's place: it would be set anew with each page, and the page that is
// left would be reckoned and drawn once more before the next one may begin.
const { context, page, faults } = await visit(browser, asked.base, {
  viewport: { width: 1440, height: 900 },
  reducedMotion: null,
  colorScheme: null,
  forcedColors: null,
  contrast: null,
});
const { hostname } = new URL(asked.base);
await context.addCookies([{ name: 'peyvand_session', value: asked.session, domain: hostname, path: '/' }]);

// Until the largest part of the page is painted, counted from when the browser set out for it.
await context.addInitScript(() => {
  globalThis.painted = 0;
  for (const type of ['paint', 'largest-contentful-paint'])
    new PerformanceObserver(list => {
      for (const e of list.getEntries()) globalThis.painted = Math.max(globalThis.painted, e.startTime);
    }).observe({ type, buffered: true });
  // The time at which something is true and painted, told by `until`; looked at whenever the page changes.
  globalThis.until = right =>
    new Promise(done => {
      const look = () => {
        if (!right()) return false;
        seen.disconnect();
        requestAnimationFrame(() => setTimeout(() => done(performance.now())));
        return true;
      };
      const seen = new MutationObserver(look);
      if (!look())
        seen.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    });
  // When the key was pressed; a letter that no key has only comes in.
  globalThis.pressed = 0;
  addEventListener('keydown', e => (globalThis.pressed = e.timeStamp), true);
  addEventListener('input', e => (globalThis.pressed ||= e.timeStamp), true);
});

const open = async (path, marks, least = 1) => {
  const answer = await page.goto(path, { waitUntil: 'load' });
  must(answer.status() === 200, `${answer.status()} ${path}`);
  must(new URL(page.url()).pathname === path.split('?')[0], `${path} leads to ${page.url()}`);
  const n = await page.locator(marks).count();
  must(n >= least, `${n} of ${marks} on ${path}`);
  // Two frames later no larger part comes any more: the page has no pictures.
  return page.evaluate(
    () =>
      new Promise(done =>
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(globalThis.painted), 50))),
      ),
  );
};

/** Milliseconds from an action of the keyboard until what it leads to is painted. */
const wait = async (act, right, argument) => {
  await page.evaluate(
    ([right, argument]) => {
      globalThis.pressed = 0;
      globalThis.shown = globalThis.until(() => (0, globalThis.rights[right])(argument));
    },
    [right, argument],
  );
  await act();
  const late = new Promise((_, fail) => {
    setTimeout(() => fail(new Error(`${right} ${argument} did not come`)), 20_000).unref();
  });
  return Promise.race([page.evaluate(async () => (await globalThis.shown) - globalThis.pressed), late]);
};
// What is waited for, each by a name.
const rights = () =>
  page.evaluate(() => {
    globalThis.rights = {
      // Each answer of the palette ends with the same search in the lists.
      found: text => {
        const last = [...document.querySelectorAll('#pal [role=option]')].at(-1);
        return !!last?.querySelector('use[href$="#i-search"]') && last.textContent.includes(text);
      },
      editor: () => !!document.activeElement?.closest?.('form.celled'),
      saved: ([row, field, text]) => {
        const cell = document.querySelector(`#${row} [data-f="${field}"]`);
        return !!cell && !cell.querySelector('form') && cell.textContent.includes(text);
      },
      peek: id => !!document.querySelector(`.peek a[href$="/${id}"]`),
    };
  });

// ---- lists: the first one warms what all pages share ----
await open(asked.lists[0], 'tr[data-id]');
for (const path of asked.lists) told.list.push(await open(path, 'tr[data-id]'));

// ---- the board ----
await open(asked.board, '.board .card, article.card', 100);
for (let n = 0; n < asked.times; n++) told.board.push(await open(asked.board, 'article.card', 100));

// ---- the palette, letter by letter ----
await open(asked.lists[0], 'tr[data-id]');
await rights();
for (const text of asked.texts) {
  await page.keyboard.press('Control+KeyK');
  await page.waitForSelector('#pal[open] input:focus');
  let typed = '';
  // Up to a digit: those are shown as the reader writes them.
  for (const letter of text.match(/^[^0-9]{0,8}/)[0]) {
    typed += letter;
    // A space at the end is not asked for.
    if (letter === ' ') await page.keyboard.press('Space');
    else told.palette.push(await wait(() => page.keyboard.type(letter), 'found', typed));
  }
  await page.keyboard.press('Escape');
  await page.waitForSelector('#pal[open]', { state: 'detached' });
}

// ---- cells and the panel beside the list ----
await open(asked.grid, 'tr[data-id]', asked.times);
await rights();
const rows = await page.locator('tr[data-id]').evaluateAll(all => all.map(r => [r.id, r.dataset.id]));
for (const [n, [row]] of rows.slice(0, asked.times).entries()) {
  const text = `Buyer ${n}`;
  const cell = page.locator(`#${row} [data-f="${asked.field}"]`);
  await cell.focus();
  told.editor.push(await wait(() => page.keyboard.press('Enter'), 'editor'));
  await page.keyboard.press('Control+KeyA');
  await page.keyboard.type(text);
  told.cell.push(await wait(() => page.keyboard.press('Enter'), 'saved', [row, asked.field, text]));
}
for (const [row, id] of rows.slice(0, asked.times)) {
  await page.locator(`#${row} th.who`).focus();
  told.peek.push(await wait(() => page.keyboard.press('Enter'), 'peek', id));
  await page.keyboard.press('Escape');
  await page.waitForSelector('.peek', { state: 'detached' });
}

const bad = faults();
must(!bad.length, bad.join('\n'));
await browser.close();
process.stdout.write(JSON.stringify(told));
