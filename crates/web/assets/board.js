// The board: a card is carried by mouse, touch or keyboard; the server decides, a refusal brings it back.
const board = document.querySelector('[data-moves]');
const said = document.querySelector('#move-said');
const toast = text => {
  if (said) said.textContent = text;
  const box = document.querySelector('.toasts');
  const t = document.createElement('div');
  t.className = 'toast';
  t.textContent = text;
  box?.replaceChildren(t);
};
const columnOf = card => card.closest('.col');
const put = (card, col) => col.querySelector('.cards').prepend(card.parentElement);
const send = async (card, home, to) => {
  if (home === to) return;
  const body = new URLSearchParams({ stage: to.dataset.stage, version: card.dataset.version });
  let answer, json = {};
  try {
    answer = await fetch(`/deals/${card.dataset.id}/move`, { method: 'POST', body, headers: { accept: 'application/json' } });
    json = await answer.json();
  } catch { answer = { ok: false }; }
  if (answer.ok) {
    card.dataset.version = json.version;
    toast(json.said);
    // Sums and counts are the server's: both columns come fresh.
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
    for (const col of [home, to]) {
      const fresh = page.querySelector(`[data-stage="${col.dataset.stage}"]`);
      if (fresh) col.querySelector('header').replaceWith(document.adoptNode(fresh.querySelector('header')));
    }
  } else {
    put(card, home);
    toast(json.said ?? '…');
  }
  card.focus();
};
if (board) {
  const columns = () => [...board.querySelectorAll('.col')];
  let held = null, from = null;
  board.addEventListener('keydown', e => {
    const card = e.target.closest('.card');
    if (!card || e.target !== card) return;
    if (e.code === 'Space') {
      e.preventDefault();
      if (held === card) { held = null; card.classList.remove('held'); send(card, from, columnOf(card)); }
      else { held?.classList.remove('held'); held = card; from = columnOf(card); card.classList.add('held'); }
    } else if (held === card && (e.key === 'ArrowLeft' || e.key === 'ArrowRight')) {
      e.preventDefault();
      const forward = (e.key === 'ArrowRight') === (document.dir !== 'rtl');
      const all = columns(), next = all[all.indexOf(columnOf(card)) + (forward ? 1 : -1)];
      if (next) { put(card, next); card.focus(); if (said) said.textContent = next.querySelector('h2').textContent; }
    } else if (held === card && e.key === 'Escape') {
      held = null; card.classList.remove('held'); put(card, from); card.focus();
    }
  });
  board.addEventListener('pointerdown', e => {
    const card = e.target.closest('.card');
    if (!card || e.button !== 0 || e.target.closest('a, details')) return;
    const start = { x: e.clientX, y: e.clientY }, box = card.getBoundingClientRect(), home = columnOf(card);
    let flying = false, over = home;
    const move = m => {
      if (!flying) {
        if (Math.hypot(m.clientX - start.x, m.clientY - start.y) < 6) return;
        flying = true;
        card.classList.add('flying');
        card.style.inlineSize = `${box.width}px`;
      }
      card.style.insetBlockStart = `${box.top + m.clientY - start.y}px`;
      card.style.left = `${box.left + m.clientX - start.x}px`;
      over = document.elementFromPoint(m.clientX, m.clientY)?.closest('.col') ?? over;
      for (const c of columns()) c.classList.toggle('over', c === over);
    };
    const end = ev => {
      removeEventListener('pointermove', move);
      removeEventListener('pointerup', end);
      removeEventListener('pointercancel', end);
      for (const c of columns()) c.classList.remove('over');
      card.classList.remove('flying');
      card.removeAttribute('style');
      if (flying && ev.type === 'pointerup' && over !== home) { put(card, over); send(card, home, over); }
    };
    addEventListener('pointermove', move);
    addEventListener('pointerup', end);
    addEventListener('pointercancel', end);
  });
}
