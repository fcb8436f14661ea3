// The page of a record: fields changed in place, mentions, uploads with a bar. All of it works without this, as pages.
import { ended, hear, page, send, signIn, silence, tell, toast, word } from '{{ui.js}}';

const part = { 'x-part': '1' };
const offline = () => toast(silence(), { bad: true });
const pairs = document.querySelector('.record');
const close = (dd, focus = true) => {
  dd.querySelector('form.inline')?.remove();
  dd.classList.remove('editing');
  for (const n of dd.children) n.hidden = false;
  if (focus) dd.querySelector('.pen')?.focus();
};
const place = (dd, html) => {
  dd.querySelector('form.inline')?.remove();
  for (const n of dd.children) n.hidden = true;
  dd.classList.add('editing');
  dd.insertAdjacentHTML('beforeend', html);
  const form = dd.querySelector('form.inline');
  document.dispatchEvent(new CustomEvent('peyvand:inputs', { detail: form }));
  const first = form.querySelector('.in, .box');
  first?.focus();
  first?.select?.();
};
const open = async dd => {
  if (dd.classList.contains('editing')) return;
  const answer = await fetch(dd.dataset.edit, { headers: part }).catch(() => null);
  if (!answer) return offline();
  if (!answer.ok || answer.redirected) {
    location.href = dd.dataset.edit;
    return;
  }
  place(dd, await answer.text());
};
const save = async (dd, form) => {
  const answer = await fetch(form.action, {
    method: 'POST',
    headers: part,
    body: new URLSearchParams(new FormData(form)),
  }).catch(() => null);
  // What was typed stays where it is.
  if (!answer) return offline();
  // The session is gone: the form goes the ordinary way, which keeps what was typed.
  if (answer.redirected) {
    form.removeAttribute('data-own');
    form.submit();
    return;
  }
  const html = await answer.text();
  if (answer.ok) {
    close(dd);
    pairs.dataset.version = answer.headers.get('x-version') ?? pairs.dataset.version;
    dd.querySelector('.shown').innerHTML = html;
    dd.classList.add('fresh');
  } else if (answer.status === 409 || answer.status === 422) place(dd, html);
  else form.submit();
};
pairs?.addEventListener('click', e => {
  const pen = e.target.closest('.pen');
  const more = e.target.closest('[data-open]');
  const dd = pen?.closest('dd') ?? (more && document.querySelector(`dd[data-edit="${CSS.escape(more.dataset.open)}"]`));
  if (dd) {
    e.preventDefault();
    open(dd);
    dd.scrollIntoView({ block: 'nearest' });
  }
  if (e.target.closest('[data-cancel]')) close(e.target.closest('dd'));
});
pairs?.addEventListener('dblclick', e => {
  const dd = e.target.closest('dd[data-edit]');
  if (dd && !e.target.closest('a, form')) open(dd);
});
pairs?.addEventListener('submit', e => {
  const form = e.target.closest('form.inline');
  if (form) {
    e.preventDefault();
    save(form.closest('dd'), form);
  }
});
pairs?.addEventListener('keydown', e => {
  const form = e.target.closest?.('form.inline');
  if (!form) return;
  if (e.key === 'Escape') {
    e.stopPropagation();
    close(form.closest('dd'));
  }
  if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) form.requestSubmit();
});

// What is added to the story: what is wrong with it is said beside its field, and what was typed stays.
const compose = document.getElementById('compose');
compose?.addEventListener('submit', async e => {
  e.preventDefault();
  const button = e.submitter ?? compose.querySelector('button.fill');
  button.disabled = true;
  // The session is gone: the form goes the ordinary way, which keeps what was typed.
  const { ok, status, json } = await send(compose.action, new FormData(compose), () => compose.submit());
  if (ok) {
    location.href = json.to;
    return;
  }
  button.disabled = false;
  if (status === 401) return;
  const { '': problem, ...wrong } = json.wrong ?? {};
  toast(problem ?? json.said, { bad: true });
  const fields = Object.entries(wrong).map(([name, text]) => {
    const field = compose.elements[name];
    tell(field, text);
    return field;
  });
  fields[0]?.focus();
});

// Mentions: @ and letters of a colleague's name.
for (const area of document.querySelectorAll('[data-mention]')) {
  const list = document.createElement('div');
  list.className = 'sugg';
  list.setAttribute('role', 'listbox');
  list.id = `${area.id}-people`;
  list.hidden = true;
  const holder = document.createElement('div');
  holder.className = 'input';
  area.before(holder);
  holder.append(area, list);
  let at = 0;
  let asked = 0;
  const word = () => area.value.slice(0, area.selectionStart).match(/@([^\s@]{0,30})$/u);
  const take = option => {
    const [typed] = word() ?? [''];
    const end = area.selectionStart;
    area.setRangeText(`@${option.textContent} `, end - typed.length, end, 'end');
    list.hidden = true;
    area.focus();
  };
  const mark = n => {
    const all = [...list.children];
    at = (n + all.length) % all.length;
    all.forEach((o, i) => o.setAttribute('aria-selected', String(i === at)));
  };
  area.addEventListener('input', async () => {
    const found = word();
    if (!found) {
      list.hidden = true;
      return;
    }
    const mine = ++asked;
    const answer = await fetch(`/lookup/user?q=${encodeURIComponent(found[1])}`, {
      headers: { accept: 'application/json' },
    });
    const { items = [] } = answer.ok ? await answer.json() : {};
    if (mine !== asked) return;
    list.replaceChildren(
      ...items.map(item => {
        const o = document.createElement('div');
        o.setAttribute('role', 'option');
        o.textContent = item.title;
        o.addEventListener('mousedown', e => {
          e.preventDefault();
          take(o);
        });
        return o;
      }),
    );
    list.hidden = !items.length;
    if (items.length) mark(0);
  });
  area.addEventListener('keydown', e => {
    if ((e.ctrlKey || e.metaKey) && e.key === 'Enter') {
      area.form.requestSubmit();
      return;
    }
    if (list.hidden) return;
    if (e.key === 'ArrowDown') {
      mark(at + 1);
      e.preventDefault();
    }
    if (e.key === 'ArrowUp') {
      mark(at - 1);
      e.preventDefault();
    }
    if (e.key === 'Enter' || e.key === 'Tab') {
      take(list.children[at]);
      e.preventDefault();
    }
    if (e.key === 'Escape') {
      list.hidden = true;
      e.stopPropagation();
    }
  });
  area.addEventListener('blur', () => {
    list.hidden = true;
  });
}

// The record as it is now. What is being edited or written stays as it stands, and so does the place of the page.
const written = of =>
  of.contains(document.activeElement) ||
  [...of.querySelectorAll('input, textarea')].some(f => f.value !== f.defaultValue);
const put = (old, now) => {
  const fresh = document.adoptNode(now);
  old.replaceWith(fresh);
  document.dispatchEvent(new CustomEvent('peyvand:inputs', { detail: fresh }));
  return fresh;
};
const fresh = async () => {
  const { doc } = await page(location.href);
  const now = doc.querySelector('.record');
  if (!now) return;
  pairs.dataset.version = now.dataset.version;
  const fields = of => [...of.querySelectorAll('dd[id^="v-"]')];
  for (const dd of fields(now)) {
    const old = document.getElementById(dd.id);
    const shown = old?.querySelector('.shown');
    const news = dd.querySelector('.shown');
    if (!shown || old.matches('.editing') || shown.innerHTML === news.innerHTML) continue;
    shown.replaceWith(document.adoptNode(news.cloneNode(true)));
    old.classList.add('fresh');
  }
  // Fields that have come or gone change the whole column.
  const names = of => fields(of).map(dd => dd.id).join();
  const side = pairs.querySelector('.sheet-side');
  if (names(now) !== names(pairs) && !written(side)) put(side, now.querySelector('.sheet-side'));
  for (const sel of ['#facts', '#next', '.tags', '.complete', '#told', '.rel']) {
    const [old, part] = [document.querySelector(sel), doc.querySelector(sel)];
    if (old && part && !written(old) && old.innerHTML !== part.innerHTML) put(old, part);
  }
};
// Others' changes, seen when they happen.
let soon;
if (pairs)
  hear(told => {
    const mine = told?.object === pairs.dataset.object && told.id === pairs.dataset.id;
    if (told && !(mine && told.version > Number(pairs.dataset.version))) return;
    clearTimeout(soon);
    soon = setTimeout(() => fresh().catch(() => {}), 400);
  });

// Uploads with a bar: fetch does not tell how far it has come. What came of it is said here, and the page stays.
const sent = async (form, call) => {
  if (ended({ redirected: true, url: call.responseURL })) return signIn();
  let said;
  try {
    ({ said } = JSON.parse(call.responseText));
  } catch {
    // A page answered: the next step of an import, or one that says what is wrong.
    if (!call.status) offline();
    else if (call.status < 400) location.href = call.responseURL;
    else form.submit();
    return;
  }
  const done = call.status < 400;
  if (done || form.elements.file.files.length > 1) {
    const { doc } = await page(location.href);
    const now = doc.querySelector('#files');
    if (now) put(form.closest('#files'), now).querySelector('[type=file]')?.focus({ preventScroll: true });
  }
  toast(said, { bad: !done });
};
const upload = form => {
  const bar = form.querySelector('progress');
  if ([...form.elements.file.files].some(f => !f.size || f.size > Number(form.dataset.most))) {
    toast(form.dataset.unfit, { bad: true });
    return;
  }
  const call = new XMLHttpRequest();
  call.open('POST', form.action);
  call.setRequestHeader('accept', 'application/json');
  bar.hidden = false;
  call.upload.addEventListener('progress', p => {
    if (p.lengthComputable) bar.value = (p.loaded * 100) / p.total;
  });
  call.addEventListener('loadend', () => {
    bar.hidden = true;
  });
  call.addEventListener('load', () => {
    sent(form, call).catch(() => {});
  });
  call.addEventListener('error', offline);
  call.send(new FormData(form));
};
document.addEventListener('submit', e => {
  if (!e.target.matches('form[data-upload]')) return;
  e.preventDefault();
  upload(e.target);
});
