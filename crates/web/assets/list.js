// The grid of a list: cells by keyboard, editors in place, selection and bulk edits, pages to the end, peek, widths.
import { $, $$, ask, dialog, el, ended, hear, number, offer, onKey, page, send, signIn, silence, swap, toast, word } from '{{ui.js}}';

const rtl = document.dir === 'rtl';
let grid, body, bulk, plural, columns;
const selected = new Set();
let all = false,
  anchor = null,
  cell = null,
  editing = null;

const rowsOf = () => $$('tr[data-id]', grid ?? document.createElement('div'));
const cellsOf = row => $$('[data-f]', row);
const rowOf = node => node?.closest?.('tr[data-id]');

// ---- moving ----
const stand = (to, focus = true) => {
  if (!to) return;
  if (cell && cell !== to) cell.tabIndex = -1;
  rowOf(cell)?.classList.remove('here');
  cell = to;
  cell.tabIndex = 0;
  rowOf(cell).classList.add('here');
  if (focus) {
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
  peekFollows();
};
const move = (rows, cols) => {
  const all = rowsOf();
  if (!all.length) return false;
  const row = rowOf(cell);
  if (!row?.isConnected) {
    stand(cellsOf(all[0])[0]);
    return true;
  }
  const r = Math.max(0, Math.min(all.length - 1, all.indexOf(row) + rows));
  const own = cellsOf(row),
    c = Math.max(0, Math.min(own.length - 1, own.indexOf(cell) + cols));
  stand(cellsOf(all[r])[c]);
  return true;
};
const gridKeys = e => {
  if (!e.target.closest('[data-f], .pick') || !rowOf(e.target) || e.target.closest('.celled')) return;
  const side = rtl ? -1 : 1,
    own = cellsOf(rowOf(e.target));
  const far = e.ctrlKey || e.metaKey;
  const steps = {
    ArrowDown: [1, 0],
    ArrowUp: [-1, 0],
    ArrowRight: [0, side],
    ArrowLeft: [0, -side],
    PageDown: [10, 0],
    PageUp: [-10, 0],
  };
  let done = true;
  if (steps[e.key] && !e.altKey) move(...steps[e.key]);
  else if (e.key === 'Home') stand(far ? cellsOf(rowsOf()[0])[0] : own[0]);
  else if (e.key === 'End') stand(far ? cellsOf(rowsOf().at(-1)).at(-1) : own.at(-1));
  else if (e.key === 'Enter' && far) open($('a', rowOf(e.target))?.href);
  else if (e.key === 'Enter' && e.target.matches('th.who') && $('a', e.target)) peek(rowOf(e.target));
  else if ((e.key === 'Enter' || e.key === 'F2') && e.target.matches('[data-f]')) edit(e.target);
  else if (e.key === ' ') choose(rowOf(e.target));
  else if (/^[0-9۰-۹]$/.test(e.key) && !far && !e.altKey && e.target.matches('td[data-edit]')) edit(e.target, e.key);
  else done = false;
  if (done) {
    e.preventDefault();
    e.stopPropagation();
  }
};

// ---- one cell ----
const refresh = (row, json) => {
  if (!row || !json.cells) return;
  row.dataset.version = json.version;
  for (const node of cellsOf(row)) {
    const fresh = json.cells[node.dataset.f];
    if (fresh === undefined) continue;
    if (node.matches('th')) {
      const b = $('bdi', node);
      if (b) b.textContent = fresh || '—';
    } else {
      // What the server has escaped and written itself.
      const box = new DOMParser().parseFromString(fresh, 'text/html').body;
      node.replaceChildren(...[...box.childNodes].map(n => document.adoptNode(n)));
      node.classList.toggle('none', !node.textContent.trim() || node.textContent.trim() === '—');
    }
  }
};
const close = (back = true) => {
  if (!editing) return;
  const { node, box } = editing;
  editing = null;
  box.remove();
  node.classList.remove('editing');
  if (back) stand(node);
};
const store = async (row, url, data, lost) => {
  data.set('columns', columns);
  data.set('version', row.dataset.version);
  row.classList.add('saving');
  const answer = await send(url, data, lost);
  row.classList.remove('saving');
  if (answer.ok) refresh(row, answer.json);
  return answer;
};
const save = async (then = 0) => {
  if (!editing || editing.busy) return;
  const { node, form, before } = editing;
  const data = new URLSearchParams(new FormData(form)),
    row = rowOf(node);
  const plain = d => {
    const x = new URLSearchParams(d);
    x.delete('version');
    x.delete('columns');
    return x.toString();
  };
  const go = () => {
    if (then) {
      const own = cellsOf(row).filter(c => c.matches('[data-edit]')),
        next = own[own.indexOf(node) + then];
      if (next) {
        stand(next, false);
        edit(next);
        return;
      }
    }
    stand(node);
  };
  if (plain(data) === plain(before)) {
    close(false);
    return go();
  }
  editing.busy = true;
  const url = form.getAttribute('action');
  // The session is gone: the value goes the ordinary way, as the form of its field, which keeps what was typed.
  const lost = () => {
    form.action = url.replace(/\/cell\/([^/]+)$/, '/edit/$1');
    // Once it is saved, one stands in the list again.
    form.append(el('input', { type: 'hidden', name: 'to', value: location.pathname + location.search }));
    form.submit();
  };
  const { ok, status, json } = await store(row, url, data, lost);
  if (status === 401) return;
  if (!editing || editing.form !== form) return;
  editing.busy = false;
  const err = $('.err', form);
  if (ok) {
    close(false);
    go();
    toast(json.said, {
      undo: async () => {
        const r = await store(row, url, new URLSearchParams(before));
        toast(r.ok ? word('undone') : r.json.said, { bad: !r.ok });
      },
    });
  } else if (status === 409) {
    refresh(row, json);
    const both = el(
      'div',
      { class: 'theirs', role: 'alert' },
      `${json.said} ${json.label}: `,
      el('b', {}, el('bdi', {}, json.theirs)),
    );
    const keep = el('button', { class: 'btn s line', type: 'button' }, json.keep);
    keep.addEventListener('click', () => close());
    $('.acts-row .fill', form).textContent = json.mine;
    $('.acts-row', form).append(keep);
    err.before(both);
    keep.focus();
  } else {
    err.textContent = json.said;
    err.hidden = false;
  }
};
const edit = async (node, typed) => {
  if (editing) close(false);
  if (!node.matches('[data-edit]')) {
    const a = $('a', node);
    if (node.matches('th.who')) return peek(rowOf(node));
    if (a) location.href = a.href;
    return;
  }
  const row = rowOf(node);
  let doc;
  try {
    const answer = await fetch(`/${plural}/${row.dataset.id}/cell/${node.dataset.f}`);
    if (answer.redirected) return location.reload();
    if (!answer.ok) {
      const json = await answer.json().catch(() => ({}));
      return toast(json.said, { bad: true });
    }
    doc = new DOMParser().parseFromString(await answer.text(), 'text/html');
  } catch {
    return toast(silence(), { bad: true });
  }
  const form = document.adoptNode($('form', doc));
  const box = el('div', { class: 'field' }, form);
  node.classList.add('editing');
  node.append(box);
  stand(node, false);
  row.dataset.version = $('[name=version]', form).value;
  document.dispatchEvent(new CustomEvent('peyvand:inputs', { detail: box }));
  editing = { node, box, form, before: new URLSearchParams(new FormData(form)) };
  const input = $('.in, .box', form);
  if (typed && input?.matches('input')) input.value = typed;
  input?.focus();
  if (!typed) input?.select?.();
  form.addEventListener('submit', e => {
    e.preventDefault();
    save();
  });
  form.addEventListener('keydown', e => {
    if (e.key === 'Escape' && !e.defaultPrevented) {
      e.preventDefault();
      close();
    } else if (e.key === 'Tab' && !e.defaultPrevented && !$('.theirs', form) && !e.target.closest('.checks, .parts')) {
      e.preventDefault();
      save(e.shiftKey ? -1 : 1);
    } else if (e.key === 'Enter' && e.target.matches('textarea') && (e.ctrlKey || e.metaKey)) {
      e.preventDefault();
      save();
    } else if (e.key === 'Enter' && e.target.matches('select')) {
      e.preventDefault();
      save();
    }
    e.stopPropagation();
  });
  $('[data-cancel]', form).addEventListener('click', () => close());
};
addEventListener('pointerdown', e => {
  if (editing && !editing.box.contains(e.target)) save();
});

// ---- selection ----
const draw = () => {
  for (const row of rowsOf()) {
    const on = all ? !selected.has(row.dataset.id) : selected.has(row.dataset.id);
    // Only what changes: an attribute that is set anew has its whole row reckoned again.
    if (row.ariaSelected !== String(on)) row.ariaSelected = String(on);
    const box = $('.pick input', row);
    if (box) box.checked = on;
  }
  if (!bulk) return;
  const n = selected.size;
  bulk.classList.toggle('on', all || n > 0);
  $('#bulk-count', bulk).textContent = all ? bulk.dataset.all : bulk.dataset.selected.replace('#', number(n));
  bulk.elements.all.value = all ? '1' : '';
  const more = $('#bulk-all'),
    head = $('#pick-all');
  if (more) more.hidden = all || !$('a[rel=next]');
  const shown = rowsOf().length;
  if (head) {
    head.checked = all || (n > 0 && n >= shown);
    head.indeterminate = !all && n > 0 && n < shown;
  }
};
const choose = (row, range = false) => {
  if (!row || !$('.pick input', row)) return false;
  const rows = rowsOf(),
    id = row.dataset.id;
  if (range && anchor?.isConnected) {
    const [a, b] = [rows.indexOf(anchor), rows.indexOf(row)].sort((x, y) => x - y);
    for (const r of rows.slice(a, b + 1)) selected[all ? 'delete' : 'add'](r.dataset.id);
  } else if (selected.has(id)) selected.delete(id);
  else selected.add(id);
  anchor = row;
  draw();
  return true;
};
const none = () => {
  selected.clear();
  all = false;
  draw();
};
const everything = () => {
  if (!bulk) return false;
  all = false;
  for (const r of rowsOf()) selected.add(r.dataset.id);
  draw();
  return true;
};

// ---- bulk edits ----
const watch = async json => {
  const t = toast(json.said, {});
  const bar = el('progress', {});
  t?.append(bar);
  for (;;) {
    await new Promise(r => setTimeout(r, 600));
    const answer = await fetch(json.at, { headers: { accept: 'application/json' } }).catch(() => null);
    if (!answer?.ok) continue;
    json = await answer.json();
    if (json.finished) return json;
    const text = t && $('span', t);
    if (text) text.textContent = json.said;
    if (json.total) {
      bar.max = json.total;
      bar.value = json.seen;
    }
    if (t && !t.isConnected) document.querySelector('.toasts')?.append(t);
  }
};
const finish = async json => {
  if (!json.finished) json = await watch(json);
  none();
  await swap(location.href, { replace: true });
  toast(json.said, {
    undo: json.undo
      ? async () => {
          const back = await send(json.undo);
          await swap(location.href, { replace: true });
          toast(back.json.said, { bad: !back.ok });
        }
      : undefined,
  });
};
const work = data => {
  data.delete('id');
  for (const id of selected) data.append(all ? 'except' : 'id', id);
  return data;
};
const submit = async (form, button) => {
  const data = work(new URLSearchParams(new FormData(form)));
  data.set('do', button?.value ?? '');
  if (data.get('do') === 'edit') {
    const answer = await fetch(form.getAttribute('action'), { method: 'POST', body: data });
    const doc = new DOMParser().parseFromString(await answer.text(), 'text/html');
    await dialog(doc, '#bulk-ask', async (ask, box) => {
      const answer = await fetch(ask.getAttribute('action'), {
        method: 'POST',
        body: new URLSearchParams(new FormData(ask)),
        headers: { accept: 'application/json' },
      });
      if (answer.headers.get('content-type')?.startsWith('application/json')) {
        const json = await answer.json();
        if (answer.ok) {
          box.close();
          return finish(json);
        }
        return toast(json.said, { bad: true });
      }
      const again = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('#bulk-ask .input');
      if (again) $('.input', ask).replaceWith(document.adoptNode(again));
    });
    return;
  }
  const { ok, json } = await send(form.getAttribute('action'), data);
  if (ok) finish(json);
  else toast(json.said, { bad: true });
};

// ---- pages to the end ----
// Each page of rows is a body of its own; far from the eye it is one empty row of the same height.
const far = new Map();
const near = new IntersectionObserver(
  list => {
    for (const { target, isIntersecting } of list) {
      const kept = far.get(target);
      if (isIntersecting && kept) {
        far.delete(target);
        target.replaceChildren(...kept);
        draw();
      } else if (
        !isIntersecting &&
        !kept &&
        target.rows.length > 1 &&
        !target.contains(document.activeElement) &&
        !(editing && target.contains(editing.node))
      ) {
        const tall = target.getBoundingClientRect().height;
        far.set(target, [...target.children]);
        const td = el('td', { colspan: 99 });
        td.style.blockSize = `${tall}px`;
        target.replaceChildren(el('tr', { class: 'spacer', 'aria-hidden': 'true' }, td));
      }
    }
  },
  { rootMargin: '3200px 0px' },
);
// On paper everything that was loaded stands.
addEventListener('beforeprint', () => {
  for (const [body, kept] of far) body.replaceChildren(...kept);
  far.clear();
});
let loading = false;
const more = async () => {
  const link = $('#more a[rel=next]');
  if (!link || loading) return;
  loading = true;
  link.classList.add('saving');
  try {
    const { doc } = await page(link.href, undefined, { 'x-part': 'rows' });
    const rows = doc.querySelector('#rows'),
      foot = doc.querySelector('#more');
    if (!link.isConnected) return;
    if (!rows || !foot) {
      // Nothing more has come in the meantime, or what there was has gone.
      link.remove();
      return;
    }
    rows.removeAttribute('id');
    const fresh = document.adoptNode(rows);
    const last = $('tbody:last-of-type', grid);
    // A group that goes on has its head already.
    const heads = of => [...of.querySelectorAll('[data-group]')].map(h => h.dataset.group);
    const before = last.dataset.last ?? heads(last).at(-1);
    fresh.dataset.last = heads(fresh).at(-1) ?? before ?? '';
    if (before && heads(fresh)[0] === before) fresh.querySelector('[data-group]').closest('tr').remove();
    last.after(fresh);
    grid.dataset.rows = Number(grid.dataset.rows) + $$('tr[data-id]', fresh).length;
    near.observe(fresh);
    foot.querySelector('[data-first]')?.remove();
    $('#more').replaceChildren(...[...foot.childNodes].map(n => document.adoptNode(n)));
    draw();
  } catch (e) {
    if (e.name !== 'AbortError') toast(silence(), { bad: true });
  } finally {
    loading = false;
    link.classList.remove('saving');
  }
  // Still in sight on a tall screen: the next one.
  const box = $('#more'),
    wrap = $('.gridwrap');
  if (
    box &&
    wrap &&
    $('a[rel=next]', box) &&
    box.getBoundingClientRect().top < wrap.getBoundingClientRect().bottom + 600
  )
    more();
};
const end = new IntersectionObserver(
  list => {
    if (list.some(x => x.isIntersecting)) more();
  },
  { rootMargin: '600px' },
);

// The next ones are fetched before the last one has come in sight.
let down = 0;
addEventListener(
  'scroll',
  ({ target }) => {
    if (!target.matches?.('.gridwrap') || target.scrollTop === down) return;
    down = target.scrollTop;
    if (target.scrollHeight - down - target.clientHeight < 600) more();
  },
  { capture: true, passive: true },
);

// ---- peek ----
let peeked = null;
const panel = () => $('.peek', body ?? document);
const shut = () => {
  if (!panel()) return false;
  panel().remove();
  body.classList.remove('peeking');
  peeked = null;
  if (cell?.isConnected) cell.focus({ preventScroll: true });
  return true;
};
const peek = async row => {
  if (!row || !$('a', row)) return;
  peeked = row.dataset.id;
  const answer = await fetch(`/${plural}/${row.dataset.id}/peek`).catch(() => null);
  if (!answer) return void toast(silence(), { bad: true });
  if (ended(answer)) return signIn();
  if (!answer.ok || peeked !== row.dataset.id) return;
  const doc = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const fresh = $('.peek', doc);
  if (!fresh) return;
  panel()?.remove();
  body.append(document.adoptNode(fresh));
  body.classList.add('peeking');
};
let following;
const peekFollows = () => {
  if (!panel() || !cell || peeked === rowOf(cell)?.dataset.id) return;
  clearTimeout(following);
  following = setTimeout(() => peek(rowOf(cell)), 90);
};

// ---- widths of columns ----
// A width that is chosen holds, so the others are held with it as wide as they are.
const widthOf = key => $(`thead th[data-f="${key}"]`, grid)?.getBoundingClientRect().width ?? 0;
const within = px => Math.max(60, Math.min(900, Math.round(px)));
const hold = () => {
  const all = $$('col[data-f]', grid).map(col => [col, widthOf(col.dataset.f)]);
  for (const [col, px] of all) col.style.width = `${px}px`;
  if (!grid.classList.contains('held-wide')) $('colgroup', grid).append(el('col'));
  grid.classList.add('held-wide');
};
const widths = (key, px) => {
  const list = columns.split(',').map(c => {
    const [k] = c.split(':');
    return `${k}:${within(k === key ? px : widthOf(k))}`;
  });
  const url = new URL(location.href);
  url.searchParams.set('columns', list.join(','));
  url.searchParams.delete('cursor');
  swap(url.href, { replace: true });
};
addEventListener('pointerdown', e => {
  const grip = e.target.closest?.('[data-grip]');
  if (!grip) return;
  e.preventDefault();
  const th = grip.closest('th'),
    col = $(`col[data-f="${th.dataset.f}"]`, grid);
  const start = e.clientX,
    wide = th.getBoundingClientRect().width;
  let now = wide;
  const drag = m => {
    if (now === wide) hold();
    now = within(wide + (m.clientX - start) * (rtl ? -1 : 1));
    col.style.width = `${now}px`;
  };
  const drop = () => {
    removeEventListener('pointermove', drag);
    removeEventListener('pointerup', drop);
    if (Math.abs(now - wide) > 3) widths(th.dataset.f, now);
  };
  addEventListener('pointermove', drag);
  addEventListener('pointerup', drop);
});
addEventListener('keydown', e => {
  const th = e.altKey && e.target.closest?.('thead th[data-f]');
  if (!th || (e.key !== 'ArrowLeft' && e.key !== 'ArrowRight')) return;
  e.preventDefault();
  widths(th.dataset.f, th.getBoundingClientRect().width + ((e.key === 'ArrowRight') !== rtl ? 24 : -24));
});

// ---- beginning, and again after every swap ----
const begin = () => {
  body = $('#list-body');
  grid = $('table.grid', body ?? document);
  bulk = $('#bulk');
  if (!body) return;
  ({ plural, columns } = body.dataset);
  editing = null;
  far.clear();
  near.disconnect();
  end.disconnect();
  if (!grid) {
    none();
    return;
  }
  const seen = new Set(rowsOf().map(r => r.dataset.id));
  if (!all) for (const id of selected) if (!seen.has(id)) selected.delete(id);
  const kept = cell && $(`#r-${rowOf(cell)?.dataset.id} [data-f="${cell.dataset.f}"]`);
  cell = null;
  const first = kept ?? $('tbody [data-f]', grid);
  if (first) {
    cell = first;
    first.tabIndex = 0;
    if (kept) rowOf(kept).classList.add('here');
  }
  // How many have been drawn, those that are far from the eye too.
  grid.dataset.rows = rowsOf().length;
  grid.addEventListener('keydown', gridKeys);
  for (const b of grid.tBodies) near.observe(b);
  if ($('#more')) end.observe($('#more'));
  const head = $('#pick-all');
  if (head) {
    head.hidden = !bulk;
    head.addEventListener('change', () => (head.checked ? everything() : none()));
  }
  if (bulk) {
    $('#bulk-none').hidden = false;
    $('#bulk-none').addEventListener('click', none);
    $('#bulk-all')?.addEventListener('click', () => {
      all = true;
      selected.clear();
      draw();
    });
    bulk.addEventListener('submit', e => {
      e.preventDefault();
      submit(bulk, e.submitter);
    });
  }
  grid.addEventListener('focusin', e => {
    const c = e.target.closest('tbody [data-f]');
    if (c && c !== cell && !editing) stand(c, false);
  });
  grid.addEventListener('click', e => {
    if (e.target.matches('tbody .pick input')) {
      e.preventDefault();
      const row = rowOf(e.target),
        s = e.shiftKey;
      setTimeout(() => choose(row, s));
      return;
    }
    const c = e.target.closest('tbody [data-f]');
    if (!c || c.closest('.editing')) return;
    const a = e.target.closest('a');
    if (a && c.matches('th.who') && !e.ctrlKey && !e.metaKey && !e.shiftKey && innerWidth > 900) {
      e.preventDefault();
      stand(c);
      peek(rowOf(c));
      return;
    }
    if (!a) stand(c);
  });
  grid.addEventListener('dblclick', e => {
    const c = e.target.closest('tbody [data-edit]');
    if (c && !c.closest('.editing') && !e.target.closest('a')) edit(c);
  });
  draw();
};
addEventListener('swapped', begin);
begin();
addEventListener('click', e => {
  if (e.target.closest?.('[data-peek-close]')) shut();
  const step = e.target.closest?.('[data-peek-step]');
  if (step) {
    move(Number(step.dataset.peekStep), 0);
  }
});
addEventListener('keydown', e => {
  if (e.key !== 'Escape' || e.defaultPrevented || $('dialog[open], details.menu[open]')) return;
  if (shut() || (selected.size || all ? (none(), true) : false)) e.preventDefault();
});
const inGrid = () => !!grid && !!rowsOf().length;
onKey('j', () => inGrid() && move(1, 0));
onKey('k', () => inGrid() && move(-1, 0));
onKey('x', e => inGrid() && choose(rowOf(cell), e.shiftKey));
onKey('all', () => inGrid() && everything());
onKey('e', () => {
  if (!inGrid() || !cell) return false;
  const c = cell.matches('[data-edit]') ? cell : $('[data-edit]', rowOf(cell));
  if (c) edit(c);
  return !!c;
});
onKey(']', () => {
  if (!inGrid()) return false;
  if (!shut()) peek(rowOf(cell));
  return true;
});
const menu =
  (id, need = true) =>
  () => {
    if (!bulk || (need && !selected.size && !all && !choose(rowOf(cell)))) return false;
    const d = $(`#${id}`);
    if (!d) return false;
    d.open = true;
    $('select, input', d)?.focus();
    return true;
  };
onKey('a', menu('b-assign'));
onKey('t', menu('b-tag'));
// The palette offers what can be done with the selection.
offer(() => ({
  label: bulk ? ($('#bulk-count')?.textContent ?? '') : '',
  items:
    !bulk || (!selected.size && !all)
      ? []
      : [
          ...$$('summary', bulk).map(s => ({
            title: s.textContent.trim(),
            icon: 'right',
            run: () => {
              s.parentElement.open = true;
              $('select, input', s.parentElement)?.focus();
            },
          })),
          ...$$(':scope > button[name=do]', bulk).map(b => ({
            title: b.textContent.trim(),
            icon: 'right',
            run: () => b.click(),
          })),
        ],
}));

// Rows that others change come fresh; the one that is being edited is only marked. New rows are offered, not pushed in.
hear(async told => {
  const news = $('#list-news');
  if (!told) {
    if (news) news.hidden = false;
    return;
  }
  if (!body || told.object !== body.dataset.object) return;
  const row = document.getElementById(`r-${told.id}`);
  if (!row) {
    if (news && ![...far.values()].flat().some(r => r.dataset?.id === told.id)) news.hidden = false;
    return;
  }
  if (Number(row.dataset.version) >= told.version) return;
  if (editing && rowOf(editing.node) === row) {
    row.classList.add('stale');
    return;
  }
  const json = await ask(`/${plural}/${told.id}/cells?columns=${encodeURIComponent(columns)}`);
  if (json.cells) {
    refresh(row, json);
    row.classList.add('fresh');
    setTimeout(() => row.classList.remove('fresh'), 1600);
  } else row.classList.add('stale');
});
