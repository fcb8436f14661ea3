// Moving an activity to another day: by mouse, touch or keyboard. Without this the forms do it.
import { carried, follow, followed } from '{{press.js}}';

const root = document.querySelector('.calendar');
// On a narrow window the calendar begins with the day.
if (root.dataset.narrow && innerWidth < 700) location.replace(root.dataset.narrow);
const live = document.getElementById('cal-live');
const cells = [...root.querySelectorAll('[data-day]')];
const send = (id, day) => {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = `/calendar/${id}/move`;
  for (const [name, value] of [
    ['day', day],
    ['to', root.dataset.to],
  ]) {
    const input = document.createElement('input');
    input.type = 'hidden';
    input.name = name;
    input.value = value;
    form.append(input);
  }
  document.body.append(form);
  form.submit();
};
const light = cell => {
  for (const c of cells) c.classList.toggle('under', c === cell);
};

// By keyboard: Space picks up, arrows carry, Space puts down, Escape puts back.
let held;
let at = -1;
const label = cell =>
  cell?.querySelector('.num a, h3 a')?.getAttribute('aria-label') ?? cell?.querySelector('h3 a')?.textContent ?? '';
const end = said => {
  held?.classList.remove('held');
  held = undefined;
  light();
  live.textContent = said ?? '';
};
root.addEventListener('keydown', e => {
  const ev = e.target.closest?.('[data-move]');
  if (!held && ev && e.code === 'Space' && e.target.tagName === 'A') {
    held = ev;
    at = cells.indexOf(ev.closest('[data-day]'));
    ev.classList.add('held');
    live.textContent = root.dataset.picked;
    e.preventDefault();
    return;
  }
  if (!held) return;
  const turned = document.dir === 'rtl' ? -1 : 1;
  const by = { ArrowLeft: -turned, ArrowRight: turned, ArrowUp: -7, ArrowDown: 7 }[e.key];
  if (by) {
    // A week beyond what is shown is not its last day: it stays where it is.
    if (cells[at + by]) at += by;
    light(cells[at]);
    cells[at].scrollIntoView({ block: 'nearest' });
    live.textContent = label(cells[at]);
    e.preventDefault();
  } else if (e.code === 'Space' || e.key === 'Enter') {
    e.preventDefault();
    const cell = cells[at];
    if (cell && cell !== held.closest('[data-day]')) {
      const id = held.dataset.move;
      live.textContent = root.dataset.dropped;
      follow(id);
      send(id, cell.dataset.day);
    } else end(root.dataset.putBack);
  } else if (e.key === 'Escape') {
    e.stopPropagation();
    end(root.dataset.putBack);
  }
});

let over;
const down = ev => {
  ev.classList.remove('held');
  light();
};
carried(root, {
  may: target => !target.closest('form'),
  begin: ({ ev }) => {
    over = undefined;
    ev.classList.add('held');
  },
  move: e => {
    over = document.elementFromPoint(e.clientX, e.clientY)?.closest('[data-day]');
    light(over);
  },
  put: ({ ev }) => {
    down(ev);
    if (over && over !== ev.closest('[data-day]')) send(ev.dataset.move, over.dataset.day);
  },
  back: ({ ev }) => down(ev),
});
followed(root);
