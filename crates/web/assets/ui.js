// The shell: swapping parts of a page, toasts with undo, keys by their place, palette, suggestions of linked records.
export const $ = (s, r = document) => r.querySelector(s);
export const $$ = (s, r = document) => [...r.querySelectorAll(s)];
const root = document.documentElement,
  body = document.body;
root.classList.add('js');
const icons = body.dataset.icons ?? '';
const words = JSON.parse(body.dataset.words ?? '{}');
export const word = key => words[key] ?? '';
// What is said when nothing came back: the browser has no connection, or it has one and the server does not answer.
export const silence = () => word(navigator.onLine ? 'unreachable' : 'offline');
export const number = n => n.toLocaleString(`${root.lang}-u-nu-${body.dataset.digits === 'fa' ? 'arabext' : 'latn'}`);
export const el = (tag, props = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [k, v] of Object.entries(props)) node.setAttribute(k, v);
  node.append(...children);
  return node;
};
export const icon = (name, small = '') => {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg'),
    use = document.createElementNS(ns, 'use');
  svg.setAttribute('class', `i ${small}`);
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `${icons}#i-${name}`);
  svg.append(use);
  return svg;
};
export const ask = async (url, signal) => {
  try {
    const answer = await fetch(url, { signal, headers: { accept: 'application/json' } });
    return answer.ok ? await answer.json() : {};
  } catch (e) {
    if (e.name === 'AbortError') throw e;
    return {};
  }
};
// Has an answer led to the door instead, since the session has ended?
export const ended = answer => answer.redirected && new URL(answer.url).pathname === '/sign-in';
// To the door, and from there back to this page.
export const signIn = () => {
  location.href = `/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`;
};
// A form or its data, sent as a script: the answer's status and JSON. Without a connection the status is 0.
export const send = async (url, data, lost = () => location.reload()) => {
  try {
    const form = data instanceof FormData ? new URLSearchParams(data) : (data ?? new URLSearchParams());
    const answer = await fetch(url, { method: 'POST', body: form, headers: { accept: 'application/json' } });
    if (ended(answer)) {
      lost();
      return { status: 401, json: {} };
    }
    const json = await answer.json().catch(() => ({}));
    return { status: answer.status, ok: answer.ok, json };
  } catch {
    return { status: 0, ok: false, json: { said: silence() } };
  }
};
// The newest question wins: an older answer that comes late is thrown away.
export const latest = run => {
  let last;
  return async (...args) => {
    last?.abort();
    last = new AbortController();
    try {
      await run(last.signal, ...args);
    } catch (e) {
      if (e.name !== 'AbortError') throw e;
    }
  };
};

// Toasts: said politely, gone after a while unless looked at; undo by button or Z.
const toasts = $('.toasts');
const fade = t => {
  let timer;
  const start = () => {
    timer = setTimeout(() => t.remove(), 12000);
  };
  t.addEventListener('pointerenter', () => clearTimeout(timer));
  t.addEventListener('focusin', () => clearTimeout(timer));
  t.addEventListener('pointerleave', start);
  t.addEventListener('focusout', start);
  start();
};
export const toast = (text, { undo, bad, to } = {}) => {
  if (!toasts || !text) return;
  const t = el('div', { class: `toast${bad ? ' bad' : ''}` }, icon(bad ? 'alert' : 'check'), el('span', {}, text));
  if (to) t.append(el('a', { class: 'btn s', href: to }, word('open')));
  if (undo) {
    const b = el('button', { class: 'btn s', type: 'button', 'data-undo': '' }, word('undo'), el('kbd', {}, 'Z'));
    b.addEventListener('click', () => {
      t.remove();
      undo();
    });
    t.append(b);
  }
  toasts.replaceChildren(t);
  fade(t);
  return t;
};
$$('.toast').forEach(fade);

// Parts of the page that come fresh from the server, by id; what is open and where the focus is stay.
const PARTS = ['list-top', 'list-body', 'list-count', 'board-top', 'board-body'];
export const page = async (url, signal, headers) => {
  let answer;
  try {
    answer = await fetch(url, { signal, headers });
  } catch (e) {
    // What is on the page stays, and that nothing came is said.
    if (e.name !== 'AbortError') toast(silence(), { bad: true });
    throw new DOMException('', 'AbortError');
  }
  if (ended(answer)) {
    location.href = url;
    throw new DOMException('', 'AbortError');
  }
  return { url: answer.url, doc: new DOMParser().parseFromString(await answer.text(), 'text/html') };
};
// The same records in the same order: only what is shown of them, or what they say, has changed.
const SAME = ['filter', 'q', 'sort', 'group', 'view', 'deleted', 'cursor'];
const stays = url => {
  const to = new URL(url, location.href);
  return (
    to.pathname === location.pathname &&
    SAME.every(key => to.searchParams.get(key) === new URLSearchParams(location.search).get(key))
  );
};
export const swap = latest(async (signal, url, { replace = false, parts = PARTS, quiet = false } = {}) => {
  const wrap = stays(url) && $('.gridwrap'),
    at0 = wrap && [wrap.scrollLeft, wrap.scrollTop];
  const rows = wrap && $('.grid', wrap)?.dataset.rows;
  const { url: at, doc } = await page(url, signal, rows ? { 'x-rows': rows } : {});
  const open = $$('details[id][open]').map(d => d.id),
    focus = document.activeElement?.id;
  for (const id of parts) {
    const old = document.getElementById(id),
      fresh = doc.getElementById(id);
    if (old && fresh) old.replaceWith(document.adoptNode(fresh));
  }
  if (at0) $('.gridwrap')?.scrollTo(...at0);
  for (const id of open) {
    const d = document.getElementById(id);
    if (d && id !== 'm-pick' && id !== 'm-view') d.open = true;
  }
  const to = focus && document.getElementById(focus);
  if (to && to !== document.activeElement) {
    to.focus({ preventScroll: true });
    if (to.matches('input[type=search]')) to.setSelectionRange(to.value.length, to.value.length);
  }
  if (!quiet) history[replace ? 'replaceState' : 'pushState']({ swap: true }, '', at);
  dispatchEvent(new CustomEvent('swapped'));
});
addEventListener('popstate', () => {
  if (document.getElementById('list-top') || document.getElementById('board-body'))
    swap(location.href, { quiet: true });
});
const address = form => {
  const data = new URLSearchParams([...new FormData(form)].filter(([, v]) => v !== ''));
  return `${form.getAttribute('action')}?${data}`;
};
addEventListener('click', e => {
  const a = e.target.closest?.('a[data-swap]');
  if (!a || e.ctrlKey || e.metaKey || e.button) return;
  e.preventDefault();
  swap(e.shiftKey && a.dataset.also ? a.dataset.also : a.href);
});
addEventListener('submit', e => {
  if (e.target.matches('form[data-swap], form[data-live]')) {
    e.preventDefault();
    swap(address(e.target));
  }
});
let typing;
addEventListener('input', e => {
  const form = e.target.closest?.('form[data-live]');
  if (!form) return;
  clearTimeout(typing);
  typing = setTimeout(() => swap(address(form), { replace: true }), 160);
});
// A value that fits no operator is not asked for.
addEventListener('change', e => {
  if (e.target.matches?.('.picker select[name=op]')) picker();
});
const picker = () => {
  const form = $('.picker'),
    op = form && $('select[name=op]', form)?.value;
  if (!op) return;
  const period = $('select[name=period]', form);
  const none = ['empty', 'filled', 'me'].includes(op);
  for (const f of $$('[name=value], .checks', form))
    (f.closest('label') ?? f).hidden = none || (period && op === 'period');
  if (period) period.hidden = op !== 'period';
  if (period) period.disabled = op !== 'period';
};
picker();
addEventListener('swapped', () => {
  picker();
  lookups();
  const first = $('.picker');
  if (first && !first.contains(document.activeElement))
    ($('#pick-value:not([hidden])', first) ?? $('summary, select, input:not([type=hidden])', first))?.focus();
});

// A grid drawn aside holds its first columns.
addEventListener(
  'scroll',
  e => {
    const wrap = e.target;
    if (wrap.matches?.('.gridwrap')) wrap.classList.toggle('aside', wrap.scrollLeft !== 0);
  },
  { capture: true, passive: true },
);

// A Latin letter or sign counts as it is typed; on any other layout the place of the key counts.
const BRACKETS = { BracketLeft: '[', BracketRight: ']' };
export const keyOf = e => {
  if (/^[a-z]$/i.test(e.key)) return e.key.toLowerCase();
  if (e.code?.startsWith('Key')) return e.code.slice(3).toLowerCase();
  return /^[ -~]$/.test(e.key) ? e.key : (BRACKETS[e.code] ?? e.key);
};
// One dispatcher: modules put their keys in; the last one that takes a key has it.
const keys = new Map();
export const onKey = (key, run) => keys.set(key, [...(keys.get(key) ?? []), run]);
const PLACES = {
  h: '/',
  p: '/contacts',
  o: '/companies',
  d: '/deals',
  b: '/deals/board',
  a: '/activities',
  c: '/campaigns',
  n: '/notes',
  t: '/bin',
};
let going = 0;
const single = () => localStorage.getItem('peyvand.keys') !== 'off';
addEventListener('keydown', e => {
  if (e.defaultPrevented || e.isComposing) return;
  const field = e.target.closest?.('input:not([type=checkbox]), select, textarea, [contenteditable]');
  if ((e.ctrlKey || e.metaKey) && !e.altKey) {
    if (!e.shiftKey && e.code === 'KeyK') {
      e.preventDefault();
      palette();
    } else if (e.code === 'KeyA' && !field) {
      for (const run of keys.get('all') ?? [])
        if (run(e)) {
          e.preventDefault();
          break;
        }
    }
    return;
  }
  if (e.altKey || field || $('dialog[open]') || e.target.closest?.('.held')) return;
  const key = keyOf(e);
  if (key === '?' || key === '؟') {
    e.preventDefault();
    $('#keys')?.showModal();
    return;
  }
  if (!single()) return;
  if (going && Date.now() - going < 1500) {
    going = 0;
    const to = PLACES[key];
    if (to) {
      e.preventDefault();
      location.href = to;
    }
    return;
  }
  if (key === 'g' && !e.shiftKey) {
    going = Date.now();
    return;
  }
  for (const run of keys.get(key) ?? [])
    if (run(e)) {
      e.preventDefault();
      return;
    }
});
const press = sel => () => {
  const a = $(sel);
  if (!a) return false;
  a.click();
  return true;
};
onKey('/', () => {
  const s = $('[data-key=search]');
  s?.focus();
  s?.select();
  return !!s;
});
onKey('c', press('[data-key=c]'));
onKey('f', press('[data-key=f]'));
onKey('l', press('[data-key=l]'));
onKey('z', () => {
  const b = $('.toast [data-undo], .toast form button');
  b?.click();
  return !!b;
});
onKey('[', () => {
  fold();
  return true;
});
const fold = () => {
  const now = $('.app')?.classList.toggle('folded');
  document.cookie = `peyvand_side=${now ? 'folded' : ''}; Path=/; SameSite=Lax; Max-Age=${now ? 31536000 : 0}`;
};
addEventListener('click', e => {
  if (e.target.closest?.('[data-fold]')) {
    e.preventDefault();
    fold();
  }
});

// An open menu closes when the attention goes elsewhere.
addEventListener('click', e => {
  for (const d of $$('details.menu[open]'))
    if (!d.contains(e.target) && d.isConnected && e.target.isConnected) d.open = false;
});
addEventListener('keydown', e => {
  if (e.key !== 'Escape') return;
  for (const d of $$('details.menu[open]')) {
    d.open = false;
    $('summary', d)?.focus();
    e.preventDefault();
  }
});
// Arrows walk through an open menu.
addEventListener('keydown', e => {
  const menu = e.target.closest?.('details.menu[open]');
  if (!menu || (e.key !== 'ArrowDown' && e.key !== 'ArrowUp') || e.target.matches('select, textarea')) return;
  const all = $$('ul a.line, ul button, .pop input, .pop select, .pop button', menu);
  const at = all.indexOf(e.target),
    next = all[(at + (e.key === 'ArrowDown' ? 1 : -1) + all.length) % all.length];
  if (next) {
    e.preventDefault();
    next.focus();
  }
});
addEventListener('click', e => {
  const d = e.target.closest?.('dialog');
  if (d && (e.target === d || e.target.closest('[data-close]'))) {
    e.preventDefault();
    d.close();
  }
});

// Palette: places, records, actions, what was seen lately; ranked by the server while typing.
const pal = $('#pal');
let palette = () => {};
const extra = [];
export const offer = run => extra.push(run);
const lately = () => {
  try {
    return JSON.parse(localStorage.getItem('peyvand.lately') ?? '[]');
  } catch {
    return [];
  }
};
const here = $('[data-record]');
if (here) {
  const item = { to: location.pathname, title: here.dataset.record, icon: here.dataset.icon ?? 'file' };
  localStorage.setItem('peyvand.lately', JSON.stringify([item, ...lately().filter(i => i.to !== item.to)].slice(0, 8)));
}
if (pal) {
  const input = $('input', pal),
    box = $('.found', pal);
  const links = $$('.nav a').map(a => ({
    title: a.textContent.trim(),
    to: a.getAttribute('href'),
    icon: ($('use', a)?.getAttribute('href') ?? '#i-rows').split('#i-')[1],
  }));
  let at = 0;
  const options = () => $$('[role=option]', box);
  const mark = n => {
    const all = options();
    at = all.length ? (n + all.length) % all.length : 0;
    all.forEach((o, i) => o.setAttribute('aria-selected', String(i === at)));
    const now = all[at];
    if (now) {
      input.setAttribute('aria-activedescendant', now.id);
      now.scrollIntoView({ block: 'nearest' });
    } else input.removeAttribute('aria-activedescendant');
  };
  const take = (item, tab) => {
    pal.close();
    // After this click, which closes every menu that it was not made in.
    if (item.run) return setTimeout(item.run);
    if (item.post) {
      const form = el(
        'form',
        { method: 'post', action: item.post },
        ...Object.entries(item.with ?? {}).map(([name, value]) => el('input', { type: 'hidden', name, value })),
      );
      body.append(form);
      return form.submit();
    }
    if (tab) open(item.to);
    else location.href = item.to;
  };
  const show = groups => {
    box.replaceChildren();
    let n = 0;
    for (const g of groups) {
      if (!g.items.length) continue;
      box.append(el('h3', {}, g.label));
      for (const item of g.items) {
        const o = el(
          'div',
          { role: 'option', id: `pal-${n++}` },
          icon(item.icon ?? 'right'),
          el(item.own ? 'span' : 'bdi', { class: 'grow clip' }, item.title),
        );
        if (item.hint) o.append(el('small', { class: 'mute' }, item.hint));
        if (item.key) o.append(el('kbd', {}, item.key));
        o.addEventListener('click', e => take(item, e.ctrlKey || e.metaKey));
        box.append(o);
      }
    }
    if (!n) box.append(el('p', {}, pal.dataset.none));
    mark(0);
  };
  const own = q =>
    extra
      .map(run => run())
      .filter(g => g?.items.length)
      .map(g => ({ ...g, items: g.items.filter(i => !q || i.title.includes(q)) }));
  const start = () =>
    show([
      ...own(''),
      { label: word('lately'), items: lately().filter(i => i.to !== location.pathname) },
      { label: pal.dataset.go, items: links.slice(0, 10) },
    ]);
  const look = latest(async signal => {
    const q = input.value.trim();
    if (!q) return start();
    const { groups = [] } = await ask(`/lookup?q=${encodeURIComponent(q)}`, signal);
    show([...own(q), ...groups]);
  });
  input.addEventListener('input', look);
  input.addEventListener('keydown', e => {
    if (e.key === 'ArrowDown') {
      mark(at + 1);
      e.preventDefault();
    }
    if (e.key === 'ArrowUp') {
      mark(at - 1);
      e.preventDefault();
    }
    if (e.key === 'Enter') {
      options()[at]?.dispatchEvent(new MouseEvent('click', { ctrlKey: e.ctrlKey, bubbles: true }));
      e.preventDefault();
    }
  });
  palette = () => {
    if (pal.open) return pal.close();
    input.value = '';
    start();
    pal.showModal();
    input.focus();
  };
  addEventListener('click', e => {
    if (e.target.closest?.('[data-palette]')) {
      e.preventDefault();
      palette();
    }
  });
}
const sheet = $('#keys-single');
if (sheet) {
  sheet.checked = single();
  sheet.addEventListener('change', () => localStorage.setItem('peyvand.keys', sheet.checked ? 'on' : 'off'));
}

// A form in a dialog of its own: fetched, sent as a page would send it; what is wrong is shown in the dialog.
export const dialog = async (doc, sel, done) => {
  const form = doc.querySelector(sel);
  if (!form) return false;
  const box = el(
    'dialog',
    { class: 'pal sheet ask', 'aria-label': doc.querySelector('h1')?.textContent.trim() ?? '' },
    el('h2', {}, doc.querySelector('h1')?.textContent.trim() ?? ''),
    document.adoptNode(form),
  );
  body.append(box);
  box.addEventListener('close', () => box.remove());
  if (done)
    form.addEventListener('submit', e => {
      e.preventDefault();
      done(form, box, e.submitter);
    });
  box.showModal();
  document.dispatchEvent(new CustomEvent('peyvand:form', { detail: form }));
  // What the form's own page loads for it.
  for (const { src } of $$('script[type=module][src]', doc))
    if (![...document.scripts].some(s => s.src === src)) document.head.append(el('script', { type: 'module', src }));
  lookups(box);
  $('[autofocus], .in', form)?.focus();
  return true;
};
addEventListener('click', async e => {
  const a = e.target.closest?.('a[data-dialog]');
  if (!a || e.ctrlKey || e.metaKey) return;
  e.preventDefault();
  try {
    if (await dialog((await page(a.href)).doc, 'form.form')) return;
  } catch (e) {
    if (e.name === 'AbortError') return;
    /* the page itself says it */
  }
  location.href = a.href;
});

// What a form lacks is said beside its field in the reader's language, not by the browser in its own.
let faulty;
const unsay = field => {
  const said = field.dataset.said && document.getElementById(field.dataset.said);
  if (!said) return;
  said.remove();
  delete field.dataset.said;
  field.removeAttribute('aria-invalid');
  field.removeAttribute('aria-describedby');
};
export const tell = (field, text) => {
  unsay(field);
  const id = `lacks-${Math.random().toString(36).slice(2)}`;
  field.dataset.said = id;
  field.setAttribute('aria-invalid', 'true');
  field.setAttribute('aria-describedby', id);
  // A paragraph within a label is none.
  const said = el(field.closest('label') ? 'span' : 'p', { class: 'err', id, role: 'alert' }, text);
  (field.closest('.filepick, .dated') ?? field).after(said);
};
// The server has the last word on every form, and says it without a script too; that is why forms are sent without the
// browser's own bubbles. What is plainly missing is said here before.
addEventListener(
  'submit',
  e => {
    if (e.target.noValidate && !e.submitter?.formNoValidate && !e.target.checkValidity()) {
      e.preventDefault();
      e.stopImmediatePropagation();
    }
  },
  true,
);
addEventListener(
  'invalid',
  e => {
    const field = e.target;
    e.preventDefault();
    // Only the first takes the focus.
    if (!faulty) {
      faulty = field;
      field.focus();
      setTimeout(() => (faulty = null));
    }
    tell(field, word(field.validity.valueMissing ? 'required' : 'unfit'));
  },
  true,
);
for (const kind of ['input', 'change']) addEventListener(kind, e => e.target.dataset?.said && unsay(e.target));

// Links to records: suggestions while typing. Without this the server reads the name.
export function lookups(where = document) {
  for (const input of $$('[data-lookup]:not([role=combobox])', where)) {
    const hidden = input.parentElement.querySelector('input[type=hidden]');
    const list = el('div', { class: 'sugg', role: 'listbox', id: `${input.id}-list` });
    list.hidden = true;
    input.after(list);
    input.setAttribute('role', 'combobox');
    input.setAttribute('aria-controls', list.id);
    input.setAttribute('aria-expanded', 'false');
    let at = -1;
    const close = () => {
      list.hidden = true;
      input.setAttribute('aria-expanded', 'false');
      input.removeAttribute('aria-activedescendant');
    };
    const mark = n => {
      const all = [...list.children];
      at = all.length ? (n + all.length) % all.length : -1;
      all.forEach((o, i) => o.setAttribute('aria-selected', String(i === at)));
      if (all[at]) input.setAttribute('aria-activedescendant', all[at].id);
    };
    const take = o => {
      input.value = o.textContent;
      hidden.value = o.dataset.id;
      close();
    };
    // A form of one field has nothing more to be filled: Enter sends it when the suggestion is what was typed.
    const sends = o =>
      o.textContent === input.value.trim() &&
      [...(input.form?.elements ?? [])].filter(e => e.matches('input:not([type=hidden]), select, textarea')).length === 1;
    const look = latest(async signal => {
      hidden.value = '';
      const q = input.value.trim();
      if (!q) return close();
      const { items = [] } = await ask(`/lookup/${input.dataset.lookup}?q=${encodeURIComponent(q)}`, signal);
      list.replaceChildren(
        ...items.map((item, n) => {
          const o = el('div', { role: 'option', id: `${list.id}-${n}`, 'data-id': item.id, dir: 'auto' }, item.title);
          o.addEventListener('mousedown', e => {
            e.preventDefault();
            take(o);
          });
          return o;
        }),
      );
      list.hidden = !items.length;
      input.setAttribute('aria-expanded', String(!!items.length));
      // What was typed word for word stands before what only begins so.
      mark(Math.max(0, items.findIndex(item => item.title === q)));
    });
    input.addEventListener('input', look);
    input.addEventListener('blur', close);
    input.addEventListener('keydown', e => {
      if (list.hidden) return;
      if (e.key === 'ArrowDown') {
        mark(at + 1);
        e.preventDefault();
        e.stopPropagation();
      }
      if (e.key === 'ArrowUp') {
        mark(at - 1);
        e.preventDefault();
        e.stopPropagation();
      }
      if ((e.key === 'Enter' || e.key === 'Tab') && list.children[at]) {
        const o = list.children[at];
        const sent = sends(o);
        take(o);
        if (e.key === 'Enter' && !sent) {
          e.preventDefault();
          e.stopPropagation();
        }
      }
      if (e.key === 'Escape') {
        close();
        e.preventDefault();
        e.stopPropagation();
      }
    });
  }
}
lookups();
// Days are chosen from a calendar too; what shows it comes only where a page has such a field.
const days = (where = document) => {
  if ($('[data-date]', where)) import('{{pick.js}}').then(m => m.dates(where, { $$, el, icon, word }));
};
days();
addEventListener('swapped', () => days());
for (const kind of ['inputs', 'form']) document.addEventListener(`peyvand:${kind}`, e => days(e.detail));
document.addEventListener('peyvand:inputs', e => lookups(e.detail));

// The names of the files that were picked stand where the browser would say them in its own language.
addEventListener('change', e => {
  const said = e.target.matches?.('.filepick input') && $('[data-picked]', e.target.parentElement);
  if (said) said.textContent = [...e.target.files].map(f => f.name).join(' · ');
});

// Without a connection: said plainly, until there is one again.
const offline = () => {
  let b = $('#offline');
  if (navigator.onLine) {
    b?.remove();
    return;
  }
  if (!b) {
    b = el('p', { id: 'offline', class: 'offline', role: 'alert' }, word('offline'));
    body.append(b);
  }
};
// Has the stream of changes broken off? Then the server may be away.
let away = false;
// Does the server answer? What stands before it says 502 to 504 in its place.
const answers = async () => {
  const answer = await fetch('/health', { cache: 'no-store', signal: AbortSignal.timeout(10000) }).catch(() => null);
  return !!answer && !(answer.status >= 502 && answer.status <= 504);
};
// What is typed stays on the page: a form that cannot arrive is not sent, since the browser would put a page of its own in
// the place of this one. Where the server may be away, it is asked first.
const asked = new WeakSet();
const arrives = async e => {
  const [form, submitter] = [e.target, e.submitter];
  if (e.defaultPrevented || form.method === 'dialog') return;
  if (asked.delete(form) || (navigator.onLine && !away)) return;
  e.preventDefault();
  if (!navigator.onLine || !(await answers())) {
    toast(silence(), { bad: true });
    return;
  }
  asked.add(form);
  form.requestSubmit(submitter);
};
// After all others that listen to this event, which may send the form in their own way: what is added to the window now
// is the last to hear of it.
document.addEventListener('submit', () => addEventListener('submit', arrives, { once: true }));
addEventListener('online', offline);
addEventListener('offline', offline);
offline();

// Views that are pinned: asked for once in a while, so that no page waits for them.
const shelf = (box, title, list) => {
  box.hidden = !list.length;
  box.replaceChildren(
    el('h2', {}, title),
    el(
      'ul',
      {},
      ...list.map(p =>
        el(
          'li',
          {},
          el(
            'a',
            { href: p.to, ...(p.to === location.pathname + location.search ? { 'aria-current': 'page' } : {}) },
            icon(p.icon ?? 'star'),
            el('span', { class: 'clip', dir: 'auto' }, p.title),
          ),
        ),
      ),
    ),
  );
};
// Records that were opened lately, on this device.
const opened = $('[data-lately]');
if (opened) shelf(opened, word('lately'), lately().slice(0, 5));
// Who signs out leaves no names behind; nor does somebody whose session ended elsewhere or by itself: where nobody is
// signed in, there are none.
const forget = () => {
  localStorage.removeItem('peyvand.lately');
  sessionStorage.removeItem('peyvand.pins');
};
if (!$('.me')) forget();
addEventListener('submit', e => {
  if (e.target.action?.endsWith?.('/sign-out')) forget();
});
const pins = $('[data-pins]');
if (pins) {
  const show = list => shelf(pins, word('pinned'), list);
  const kept = JSON.parse(sessionStorage.getItem('peyvand.pins') ?? 'null');
  if (kept && Date.now() - kept.at < 60000 && !/[?&]view=/.test(location.search)) show(kept.list);
  else
    ask('/shell')
      .then(({ pins: list = [] }) => {
        sessionStorage.setItem('peyvand.pins', JSON.stringify({ at: Date.now(), list }));
        show(list);
      })
      .catch(() => {});
}

// What others change, heard while the page is looked at: object, id and version, within one's rights. One stream serves
// everything on the page that listens.
const ears = [];
export const hear = told => {
  if (ears.push(told) > 1) return;
  let source = null;
  const listen = () => {
    if (document.hidden) {
      source?.close();
      source = null;
      return;
    }
    if (source) return;
    source = new EventSource('/events');
    source.addEventListener('open', () => (away = false));
    source.addEventListener('error', () => (away = true));
    source.addEventListener('change', e => {
      const change = JSON.parse(e.data);
      if (change.object === 'notification') document.dispatchEvent(new Event('peyvand:told'));
      for (const ear of ears) ear(change);
    });
    source.addEventListener('reset', () => {
      for (const ear of ears) ear(null);
    });
  };
  document.addEventListener('visibilitychange', listen);
  addEventListener('pagehide', () => {
    source?.close();
    source = null;
  });
  // The page stands first.
  requestAnimationFrame(() => setTimeout(listen));
};
// The bell and reminders listen on every page of somebody who is signed in.
if ($('[data-unread]')) hear(() => {});
