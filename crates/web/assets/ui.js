// Keys, palette, suggestions of linked records. Physical keys, so that they work on a Persian layout too.
const $ = (s, r = document) => r.querySelector(s);
const $$ = (s, r = document) => [...r.querySelectorAll(s)];
const icons = document.body.dataset.icons ?? '';
const el = (tag, props = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [k, v] of Object.entries(props)) node.setAttribute(k, v);
  node.append(...children);
  return node;
};
const icon = name => {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  const use = document.createElementNS(ns, 'use');
  svg.setAttribute('class', 'i');
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `${icons}#i-${name}`);
  svg.append(use);
  return svg;
};
const ask = async (url, signal) => {
  const answer = await fetch(url, { signal, headers: { accept: 'application/json' } });
  return answer.ok ? answer.json() : {};
};
// The newest question wins: an older answer that comes late is thrown away.
const latest = run => {
  let last;
  return async (...args) => {
    last?.abort();
    last = new AbortController();
    try { await run(last.signal, ...args); } catch (e) { if (e.name !== 'AbortError') throw e; }
  };
};

const pal = $('#pal');
if (pal) {
  const input = $('input', pal), box = $('.found', pal);
  const links = $$('.nav a').map(a => ({ title: a.textContent.trim(), to: a.getAttribute('href'), icon: ($('use', a)?.getAttribute('href') ?? '#i-rows').split('#i-')[1] }));
  let at = 0;
  const options = () => $$('[role=option]', box);
  const mark = n => {
    const all = options();
    at = all.length ? (n + all.length) % all.length : 0;
    all.forEach((o, i) => o.setAttribute('aria-selected', String(i === at)));
    const now = all[at];
    if (now) { input.setAttribute('aria-activedescendant', now.id); now.scrollIntoView({ block: 'nearest' }); }
  };
  const show = groups => {
    box.replaceChildren();
    let n = 0;
    for (const g of groups) {
      if (!g.items.length) continue;
      box.append(el('h3', {}, g.label));
      for (const item of g.items) {
        const title = el('bdi', {}, item.title);
        const o = el('div', { role: 'option', id: `pal-${n++}`, 'data-to': item.to }, icon(item.icon), title);
        o.addEventListener('click', () => { location.href = item.to; });
        box.append(o);
      }
    }
    if (!n) box.append(el('p', {}, pal.dataset.none));
    mark(0);
  };
  const go = q => ({ label: pal.dataset.go, items: links.filter(l => !q || l.title.toLowerCase().includes(q.toLowerCase())).slice(0, q ? 4 : 12) });
  const look = latest(async signal => {
    const q = input.value.trim();
    if (!q) return show([go('')]);
    const { groups = [] } = await ask(`/lookup?q=${encodeURIComponent(q)}`, signal);
    show([...groups, go(q)]);
  });
  input.addEventListener('input', look);
  input.addEventListener('keydown', e => {
    if (e.key === 'ArrowDown') { mark(at + 1); e.preventDefault(); }
    if (e.key === 'ArrowUp') { mark(at - 1); e.preventDefault(); }
    if (e.key === 'Enter') { const to = options()[at]?.dataset.to; if (to) location.href = to; e.preventDefault(); }
  });
  const open = () => { input.value = ''; show([go('')]); pal.showModal(); input.focus(); };
  $$('[data-palette]').forEach(a => a.addEventListener('click', e => { e.preventDefault(); open(); }));
  pal.addEventListener('click', e => { if (e.target === pal) pal.close(); });
  addEventListener('keydown', e => {
    if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.code === 'KeyK') { e.preventDefault(); pal.open ? pal.close() : open(); }
  });
}

// A Latin letter counts as it is typed; on any other layout the place of the key counts.
const keyOf = e => /^[a-z]$/i.test(e.key) ? e.key.toLowerCase() : (e.code.startsWith('Key') ? e.code.slice(3).toLowerCase() : e.key);
const rows = $$('[data-rows] tbody tr');
let row = -1;
const stand = n => {
  rows[row]?.classList.remove('here');
  row = Math.max(0, Math.min(rows.length - 1, n));
  rows[row]?.classList.add('here');
  $('a', rows[row])?.focus({ preventScroll: true });
  rows[row]?.scrollIntoView({ block: 'nearest' });
};
addEventListener('keydown', e => {
  if (e.ctrlKey || e.metaKey || e.altKey || $('dialog[open]')) return;
  if (e.target.closest?.('input, select, textarea, [contenteditable], .held')) return;
  const key = keyOf(e);
  if (key === '/' || e.code === 'Slash' && !e.shiftKey) { const s = $('[data-key=search]'); if (s) { s.focus(); s.select(); e.preventDefault(); } return; }
  if (key === '?' || key === '؟') { $('#keys')?.showModal(); return; }
  if (key === 'j' && rows.length) { stand(row + 1); e.preventDefault(); }
  if (key === 'k' && rows.length) { stand(row - 1); e.preventDefault(); }
  if (key === 'c') { const a = $('[data-key=c]'); if (a) location.href = a.href; }
  if (key === 'e') { const a = $('[data-key=e]'); if (a) location.href = a.href; }
  if (e.key === 'Enter' && e.target === document.body && rows[row]) { const a = $('a', rows[row]); if (a) location.href = a.href; }
});

// An open menu closes when the attention goes elsewhere.
addEventListener('click', e => { for (const d of $$('details.menu[open]')) if (!d.contains(e.target)) d.open = false; });
addEventListener('keydown', e => { if (e.key === 'Escape') for (const d of $$('details.menu[open]')) { d.open = false; $('summary', d)?.focus(); } });

// Links to records: suggestions while typing. Without this the server reads the name.
const suggest = input => {
  const hidden = input.parentElement.querySelector('input[type=hidden]');
  const list = el('div', { class: 'sugg', role: 'listbox', id: `${input.id}-list` });
  list.hidden = true;
  input.after(list);
  input.setAttribute('role', 'combobox');
  input.setAttribute('aria-controls', list.id);
  input.setAttribute('aria-expanded', 'false');
  let at = -1;
  const close = () => { list.hidden = true; input.setAttribute('aria-expanded', 'false'); input.removeAttribute('aria-activedescendant'); };
  const mark = n => {
    const all = [...list.children];
    at = all.length ? (n + all.length) % all.length : -1;
    all.forEach((o, i) => o.setAttribute('aria-selected', String(i === at)));
    if (all[at]) input.setAttribute('aria-activedescendant', all[at].id);
  };
  const take = o => { input.value = o.textContent; hidden.value = o.dataset.id; close(); };
  const look = latest(async signal => {
    hidden.value = '';
    const q = input.value.trim();
    if (!q) return close();
    const { items = [] } = await ask(`/lookup/${input.dataset.lookup}?q=${encodeURIComponent(q)}`, signal);
    list.replaceChildren(...items.map((item, n) => {
      const o = el('div', { role: 'option', id: `${list.id}-${n}`, 'data-id': item.id, dir: 'auto' }, item.title);
      o.addEventListener('mousedown', e => { e.preventDefault(); take(o); });
      return o;
    }));
    list.hidden = !items.length;
    input.setAttribute('aria-expanded', String(!!items.length));
    mark(0);
  });
  input.addEventListener('input', look);
  input.addEventListener('blur', close);
  input.addEventListener('keydown', e => {
    if (list.hidden) return;
    if (e.key === 'ArrowDown') { mark(at + 1); e.preventDefault(); }
    if (e.key === 'ArrowUp') { mark(at - 1); e.preventDefault(); }
    if (e.key === 'Enter' && list.children[at]) { take(list.children[at]); e.preventDefault(); }
    if (e.key === 'Escape') { close(); e.stopPropagation(); }
  });
};
$$('[data-lookup]').forEach(suggest);
document.addEventListener('peyvand:inputs', e => $$('[data-lookup]', e.detail).forEach(suggest));
