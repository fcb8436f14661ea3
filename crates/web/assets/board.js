// The board: a card is carried by mouse, touch or keyboard; the server decides, a refusal brings it back.
import { $, $$, dialog, el, ended, hear, number, page, send, silence, swap, toast } from '{{ui.js}}';

let board = $('[data-moves]');
const said = $('#move-said');
const rtl = document.dir === 'rtl';
const say = text => {
  if (said) said.textContent = text;
};
const itemOf = card => card.parentElement;
const columnOf = card => card.closest('.col');
const columns = () => $$('.col', board);
const listOf = col => $('.cards', col);
const place = card => ({
  list: itemOf(card).parentElement,
  next: itemOf(card).nextElementSibling,
  col: columnOf(card),
});
const put = (card, { list, next }) => {
  list.insertBefore(itemOf(card), next?.parentElement === list ? next : null);
  tidy();
};
const cardIn = li => li?.querySelector?.('.card');
const tidy = () => {
  for (const n of $$('.none', board)) n.hidden = !!$('.card', n.parentElement);
};

// What stands around a card that was moved, and on it, is what the server says of its new place.
const renew = async (cols, card) => {
  try {
    const { doc } = await page(location.href);
    for (const col of cols) {
      const fresh = doc.querySelector(`.col[data-stage="${col.dataset.stage}"] > header`);
      if (fresh) $(':scope > header', col).replaceWith(document.adoptNode(fresh));
    }
    const now = doc.getElementById(card.id);
    if (now) {
      card.className = now.className;
      card.dataset.version = now.dataset.version;
      card.replaceChildren(...now.childNodes);
    }
    const tot = doc.querySelector('#board-top .tot');
    if (tot) $('#board-top .tot')?.replaceWith(document.adoptNode(tot));
  } catch {
    /* they come with the next page */
  }
};
const request = (card, col) => {
  const li = itemOf(card),
    above = cardIn(li.previousElementSibling),
    below = cardIn(li.nextElementSibling);
  const data = new URLSearchParams({
    stage: col.dataset.stage,
    version: card.dataset.version,
    back: location.pathname + location.search,
  });
  if (board.dataset.by) data.set('by', board.dataset.by);
  if (above) data.set('above', above.dataset.id);
  if (below) data.set('below', below.dataset.id);
  return data;
};
const done = async (card, from, json, undoable) => {
  card.dataset.version = json.version;
  const to = columnOf(card);
  toast(json.said, {
    undo: undoable
      ? async () => {
          const back = place(card);
          put(card, from);
          const r = await send(`/${board.dataset.plural}/${card.dataset.id}/move`, request(card, from.col));
          if (r.ok) done(card, back, r.json, false);
          else {
            put(card, back);
            toast(r.json.said, { bad: true });
          }
        }
      : undefined,
  });
  say(json.said);
  await renew(new Set([from.col, to]), card);
};
const give = async (card, from) => {
  const to = columnOf(card);
  if (from.col === to && from.next === itemOf(card).nextElementSibling) return;
  const url = `/${board.dataset.plural}/${card.dataset.id}/move`;
  card.classList.add('saving');
  let answer;
  try {
    answer = await fetch(url, { method: 'POST', body: request(card, to), headers: { accept: 'application/json' } });
  } catch {
    answer = null;
  }
  // The session is gone: the move is kept, to be made after signing in.
  if (answer && ended(answer)) {
    location.href = answer.url;
    return;
  }
  card.classList.remove('saving');
  const json = answer?.headers.get('content-type')?.startsWith('application/json')
    ? await answer.json().catch(() => ({}))
    : null;
  if (answer?.ok && json) {
    await done(card, from, json, true);
  } else if (answer?.status === 422 && !json) {
    // The stage asks for something first: the card waits outside until it is said.
    const doc = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const there = place(card);
    put(card, from);
    const show = async doc => {
      let asked = false;
      await dialog(doc, '#move-ask', async (form, box) => {
        const again = await fetch(form.getAttribute('action'), {
          method: 'POST',
          body: new URLSearchParams(new FormData(form)),
          headers: { accept: 'application/json' },
        });
        if (ended(again)) location.href = again.url;
        else if (again.headers.get('content-type')?.startsWith('application/json')) {
          const json = await again.json();
          box.close();
          if (again.ok) {
            put(card, there);
            await done(card, from, json, true);
            card.focus();
          } else toast(json.said, { bad: true });
        } else {
          const fresh = new DOMParser().parseFromString(await again.text(), 'text/html');
          asked = true;
          box.close();
          show(fresh);
        }
      });
      // Whoever puts it aside is where they were.
      $$('dialog.ask').at(-1)?.addEventListener('close', () => asked || card.focus());
    };
    show(doc);
    return;
  } else {
    put(card, from);
    const text = json?.said ?? silence();
    toast(text, { bad: true });
    say(text);
  }
  card.focus();
};

function begin() {
  let held = null,
    from = null;
  const where = card => {
    const all = $$('.card', listOf(columnOf(card)));
    say(`${$('h2', columnOf(card)).textContent}${rtl ? '،' : ','} ${number(all.indexOf(card) + 1)} / ${number(all.length)}`);
  };
  board.addEventListener('keydown', e => {
    const card = e.target.closest('.card');
    if (!card || e.target !== card) return;
    const all = columns(),
      c = all.indexOf(columnOf(card)),
      own = $$('.card', listOf(columnOf(card))),
      r = own.indexOf(card);
    const side = { ArrowRight: rtl ? -1 : 1, ArrowLeft: rtl ? 1 : -1 }[e.key] ?? 0;
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key] ?? 0;
    if (e.code === 'Space') {
      e.preventDefault();
      if (held === card) {
        held = null;
        card.classList.remove('held');
        card.removeAttribute('aria-grabbed');
        give(card, from);
      } else {
        held = card;
        from = place(card);
        card.classList.add('held');
        where(card);
      }
    } else if (held === card && e.key === 'Escape') {
      e.preventDefault();
      held = null;
      card.classList.remove('held');
      put(card, from);
      card.focus();
    } else if (held === card && side && all[c + side]) {
      e.preventDefault();
      const list = listOf(all[c + side]);
      put(card, { list, next: $(':scope > li:has(.card)', list) });
      card.focus();
      where(card);
    } else if (held === card && step) {
      e.preventDefault();
      const li = itemOf(card),
        to = step > 0 ? li.nextElementSibling?.nextElementSibling : li.previousElementSibling;
      if (step > 0 ? li.nextElementSibling : to) {
        put(card, { list: li.parentElement, next: to ?? null });
        card.focus();
        where(card);
      }
    } else if (!held && step) {
      e.preventDefault();
      own[r + step]?.focus();
    } else if (!held && side) {
      e.preventDefault();
      for (let i = c + side; all[i]; i += side) {
        const to = $$('.card', listOf(all[i]));
        if (to.length) {
          to[Math.min(r, to.length - 1)].focus();
          break;
        }
      }
    } else if (!held && e.key === 'Enter') {
      e.preventDefault();
      const a = $('a.t', card);
      if (e.ctrlKey || e.metaKey) open(a.href);
      else location.href = a.href;
    } else if (!held && e.code === 'KeyS') {
      e.preventDefault();
      const d = $('details.mv', card);
      d.open = true;
      $('select', d).focus();
    }
  });
  board.addEventListener('focusout', e => {
    if (held && e.target === held)
      setTimeout(() => {
        if (held && document.activeElement !== held) {
          held.classList.remove('held');
          put(held, from);
          held = null;
        }
      }, 50);
  });

  // By mouse at once, by touch after a moment: before that a finger scrolls.
  board.addEventListener('pointerdown', e => {
    const card = e.target.closest('.card');
    if (!card || e.button !== 0 || e.target.closest('details, button, select')) return;
    const touch = e.pointerType !== 'mouse',
      start = { x: e.clientX, y: e.clientY };
    const box = card.getBoundingClientRect(),
      home = place(card);
    let flying = false,
      slot = null,
      timer,
      frame;
    const lift = () => {
      flying = true;
      slot = el('li', { class: 'drop', 'aria-hidden': 'true' }, board.dataset.here);
      slot.style.blockSize = `${box.height}px`;
      card.classList.add('flying');
      card.style.inlineSize = `${box.width}px`;
      itemOf(card).after(slot);
      try {
        card.setPointerCapture(e.pointerId);
      } catch {
        /* gone already */
      }
    };
    const edge = m => {
      const b = board.getBoundingClientRect(),
        pull = m.clientX < b.left + 48 ? -14 : m.clientX > b.right - 48 ? 14 : 0;
      cancelAnimationFrame(frame);
      if (pull)
        frame = requestAnimationFrame(() => {
          board.scrollLeft += pull;
          if (flying) edge(m);
        });
    };
    const move = m => {
      if (!flying) {
        const far = Math.hypot(m.clientX - start.x, m.clientY - start.y);
        if (touch && far > 8) return end({ type: 'pointercancel' });
        if (touch || far < 6) return;
        lift();
      }
      m.preventDefault();
      card.style.insetBlockStart = `${box.top + m.clientY - start.y}px`;
      card.style.left = `${box.left + m.clientX - start.x}px`;
      const under = document.elementFromPoint(m.clientX, m.clientY),
        col = under?.closest?.('.col');
      if (col) {
        const list = listOf(col),
          next = $$(':scope > li', list).find(
            li =>
              li !== slot &&
              li !== itemOf(card) &&
              cardIn(li) &&
              m.clientY < li.getBoundingClientRect().top + li.offsetHeight / 2,
          );
        list.insertBefore(slot, next ?? null);
        for (const c of columns()) c.classList.toggle('over', c === col);
      }
      edge(m);
    };
    const end = ev => {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
      removeEventListener('pointermove', move);
      removeEventListener('pointerup', end);
      removeEventListener('pointercancel', end);
      document.removeEventListener('touchmove', hold);
      for (const c of columns()) c.classList.remove('over');
      card.classList.remove('flying');
      card.removeAttribute('style');
      if (!flying) return;
      const there = { list: slot.parentElement, next: slot };
      if (ev.type === 'pointerup') put(card, there);
      slot.remove();
      const swallow = c => {
        c.preventDefault();
        c.stopPropagation();
      };
      addEventListener('click', swallow, { capture: true, once: true });
      setTimeout(() => removeEventListener('click', swallow, { capture: true }), 60);
      if (ev.type === 'pointerup') give(card, home);
    };
    const hold = t => {
      if (flying) t.preventDefault();
    };
    if (touch) timer = setTimeout(lift, 280);
    document.addEventListener('touchmove', hold, { passive: false });
    addEventListener('pointermove', move);
    addEventListener('pointerup', end);
    addEventListener('pointercancel', end);
  });
  board.addEventListener('dragstart', e => e.preventDefault());
  board.addEventListener('contextmenu', e => {
    if ($('.flying', board)) e.preventDefault();
  });
}
if (board) begin();
addEventListener('swapped', () => {
  board = $('[data-moves]');
  if (board) begin();
});
// Others' moves: the board comes fresh when nothing is in the hand.
let soon;
hear(told => {
  const body = $('#board-body');
  if (!body || (told && told.object !== body.dataset.object)) return;
  const card = told && document.getElementById(`d-${told.id}`);
  if (card && Number(card.dataset.version) >= told.version) return;
  clearTimeout(soon);
  const look = () => {
    if ($('.held, .flying, dialog[open], .saving')) {
      soon = setTimeout(look, 1500);
      return;
    }
    swap(location.href, { replace: true, parts: ['board-body', 'board-top', 'list-count'] });
  };
  soon = setTimeout(look, 700);
});
