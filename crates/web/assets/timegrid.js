// The grid of time: activities are moved to another hour or day and made longer or shorter, by mouse, touch and keyboard; a
// click on an empty hour makes one there. Without this the links and the form of an activity do it.
import { carried, follow, followed } from '{{press.js}}';

const root = document.querySelector('.calendar');
const grid = document.getElementById('tg');
const live = document.getElementById('cal-live');
const said = root.dataset;
const STEP = 15;
const DAY = 24 * 60;
const days = [...grid.querySelectorAll('.tg-day')];
const tops = [...grid.querySelectorAll('.tg-top')];
const hourOf = () => days[0].getBoundingClientRect().height / 24;
const two = n => String(n).padStart(2, '0');
const clock = m => `${two(Math.floor(m / 60) % 24)}:${two(m % 60)}`;
const shown = text =>
  document.body.dataset.digits === 'fa' ? text.replace(/\d/g, d => String.fromCharCode(0x6f0 + Number(d))) : text;
const clamp = (n, low, high) => Math.max(low, Math.min(high, n));

// Where one has scrolled to stays; at first the day of work, or what is now, is seen.
const KEPT = 'peyvand.timegrid';
const scrolled = sessionStorage.getItem(KEPT);
sessionStorage.removeItem(KEPT);
const seen = grid.querySelector('.tg-day.today .now') ?? grid.querySelector('.work') ?? days[0].querySelectorAll('.slot')[8];
if (scrolled) [root.scrollTop, root.scrollLeft] = scrolled.split(',').map(Number);
else {
  const head = grid.querySelector('.tg-head').offsetHeight;
  const from = grid.querySelector('.work');
  const at = e => (e ? e.getBoundingClientRect().top - grid.getBoundingClientRect().top - head : 0);
  root.scrollTop = at(seen) - at(from) > root.clientHeight - head - 60 ? at(seen) - 120 : at(from ?? seen) - 20;
  const today = grid.querySelector('.tg-day.today');
  if (today && root.scrollWidth > root.clientWidth) today.scrollIntoView({ inline: 'center', block: 'nearest' });
}
const keep = () => sessionStorage.setItem(KEPT, `${root.scrollTop},${root.scrollLeft}`);
grid.addEventListener('submit', keep);

// The line of now goes with the time.
const line = grid.querySelector('.now');
if (line) {
  const began = Date.now();
  const first = Number(/\bh(\d+)/.exec(line.className)?.[1] ?? 0) * 60 + Number(/\bm(\d+)/.exec(line.className)?.[1] ?? 0);
  setInterval(() => {
    const now = Math.min(DAY, first + Math.floor((Date.now() - began) / 60000));
    line.style.setProperty('--h', Math.floor(now / 60));
    line.style.setProperty('--m', now % 60);
  }, 30000);
}

const send = (id, values) => {
  keep();
  const form = document.createElement('form');
  form.method = 'post';
  form.action = `/calendar/${id}/move`;
  for (const [name, value] of Object.entries({ ...values, to: said.to })) {
    const input = document.createElement('input');
    input.type = 'hidden';
    input.name = name;
    input.value = value;
    form.append(input);
  }
  document.body.append(form);
  form.submit();
};

// What is in the hand: where it was and where it is. `start` is nothing in the row of whole days.
let hand;
const lift = (ev, stretching = false) => {
  const place = ev.closest('[data-day]');
  const stored = Number(ev.dataset.length ?? 0);
  const start = place.matches('.tg-day') ? Number(ev.dataset.start) : undefined;
  hand = {
    ev,
    stored,
    stretching,
    day: days.findIndex(d => d.dataset.day === place.dataset.day),
    start,
    length: start === undefined ? 60 : stored || 30,
    home: { parent: ev.parentNode, next: ev.nextSibling },
  };
  hand.was = { day: hand.day, start: hand.start, length: hand.length };
  ev.classList.add('held');
};
const say = () => {
  const { day, start, length } = hand;
  const when =
    start === undefined ? said.wholeDay : shown(`${clock(start)}–${clock(start + length)}`);
  live.textContent = `${days[day].dataset.label}، ${when}`.replace('،', document.dir === 'rtl' ? '،' : ',');
};
const draw = () => {
  const { ev, day, start, length } = hand;
  for (const d of days) d.classList.toggle('under', d === days[day]);
  const into = (start === undefined ? tops : days)[day];
  if (ev.closest('[data-day]') !== into) {
    const focused = ev.contains(document.activeElement) && document.activeElement;
    let list = into.querySelector('ul');
    if (!list) {
      list = document.createElement('ul');
      if (start === undefined) list.className = 'evs';
      into.append(list);
    }
    list.append(ev);
    focused?.focus({ preventScroll: true });
  }
  if (start !== undefined) {
    const style = [
      ['--h', Math.floor(start / 60)],
      ['--m', start % 60],
      ['--e', Math.floor(length / 60)],
      ['--f', length % 60],
      ['--k', 0],
      ['--n', 1],
    ];
    for (const [name, value] of style) ev.style.setProperty(name, value);
    const at = ev.querySelector('.at');
    if (at) at.textContent = shown(clock(start));
  }
};
const back = told => {
  if (!hand) return;
  const { ev, home, was } = hand;
  const focused = ev.contains(document.activeElement) && document.activeElement;
  home.parent.insertBefore(ev, home.next);
  ev.removeAttribute('style');
  ev.classList.remove('held');
  const at = ev.querySelector('.at');
  if (at && was.start !== undefined) at.textContent = shown(clock(was.start));
  for (const d of days) d.classList.remove('under');
  hand = undefined;
  focused?.focus({ preventScroll: true });
  live.textContent = told ?? '';
};
const drop = () => {
  const { ev, was, day, start, length, stored } = hand;
  if (day === was.day && start === was.start && length === was.length) return back(said.putBack);
  const values = { day: days[day].dataset.day, time: clock(start ?? 0) };
  if (start === undefined) {
    // A meeting that takes the whole day takes all of it.
    if (was.start !== undefined && stored) values.length = DAY;
    else if (was.start === undefined) delete values.time;
  } else if (length !== was.length || (was.start === undefined && stored)) values.length = length;
  live.textContent = said.dropped;
  if (!hand.pointer) follow(ev.dataset.move);
  send(ev.dataset.move, values);
};
const by = (dayBy, minuteBy, lengthBy) => {
  hand.day = clamp(hand.day + dayBy, 0, days.length - 1);
  if (lengthBy && hand.start !== undefined)
    hand.length = clamp(hand.length + lengthBy, STEP, DAY - hand.start);
  if (minuteBy) {
    // Above the first hour is the row of whole days.
    if (hand.start === undefined) hand.start = minuteBy > 0 ? 8 * 60 : undefined;
    else if (hand.start === 0 && minuteBy < 0) hand.start = undefined;
    else hand.start = clamp(Math.round((hand.start + minuteBy) / STEP) * STEP, 0, DAY - STEP);
    if (hand.start !== undefined) hand.length = Math.min(hand.length, DAY - hand.start);
  }
  draw();
  say();
  hand.ev.scrollIntoView({ block: 'nearest', inline: 'nearest' });
};

// By keyboard: Space picks up, arrows carry, with Shift they change the length; Space puts down, Escape puts back. Arrows also
// go through the empty hours, which are one stop of Tab.
const slots = days.map(d => [...d.querySelectorAll('.slot')]);
const turned = document.dir === 'rtl' ? -1 : 1;
const stop = slots[Math.max(0, days.findIndex(d => d.matches('.today')))]?.[9];
if (stop) stop.tabIndex = 0;
root.addEventListener('keydown', e => {
  if (hand && !hand.pointer) {
    const step = {
      ArrowUp: [0, -STEP],
      ArrowDown: [0, STEP],
      ArrowLeft: [-turned, 0],
      ArrowRight: [turned, 0],
    }[e.key];
    if (step) {
      e.preventDefault();
      if (e.shiftKey) by(0, 0, step[1]);
      else by(step[0], step[1], 0);
    } else if (e.code === 'Space' || e.key === 'Enter') {
      e.preventDefault();
      drop();
    } else if (e.key === 'Escape') {
      e.stopPropagation();
      back(said.putBack);
    } else if (e.key === 'Tab') back(said.putBack);
    return;
  }
  const ev = e.target.closest?.('[data-move]');
  if (ev && e.code === 'Space') {
    e.preventDefault();
    lift(ev);
    live.textContent = said.until;
    return;
  }
  if (e.target.matches?.('.slot') && !e.ctrlKey && !e.metaKey && !e.altKey) {
    const day = days.indexOf(e.target.closest('.tg-day'));
    const at = slots[day].indexOf(e.target);
    const to = {
      ArrowUp: [day, at - 1],
      ArrowDown: [day, at + 1],
      ArrowLeft: [day - turned, at],
      ArrowRight: [day + turned, at],
      Home: [day, 0],
      End: [day, 23],
    }[e.key];
    const next = to && slots[to[0]]?.[to[1]];
    if (to) e.preventDefault();
    if (next) {
      e.target.tabIndex = -1;
      next.tabIndex = 0;
      next.focus({ preventScroll: true });
      next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    }
  }
});

// A click in the lower half of an hour means its half.
grid.addEventListener('click', e => {
  const slot = e.target.closest('.slot');
  if (slot && e.detail && e.offsetY > slot.offsetHeight / 2) slot.value = slot.value.replace(/:00$/, ':30');
});

carried(root, {
  may: () => !hand,
  begin: ({ ev, edge }) => {
    lift(ev, edge);
    hand.pointer = true;
    hand.scrolled = root.scrollTop;
  },
  move: (e, press) => {
    if (!hand) return;
    const minute = y => ((y - days[0].getBoundingClientRect().top) / hourOf()) * 60;
    const snap = n => Math.round(n / STEP) * STEP;
    if (hand.stretching) hand.length = clamp(snap(minute(e.clientY)) - hand.start, STEP, DAY - hand.start);
    else {
      const day = days.findIndex(d => {
        const r = d.getBoundingClientRect();
        return e.clientX >= r.left && e.clientX < r.right;
      });
      if (day >= 0) hand.day = day;
      const top = grid.querySelector('.tg-head').getBoundingClientRect().bottom;
      if (e.clientY < top) hand.start = undefined;
      else {
        const moved = ((e.clientY - press.y + root.scrollTop - hand.scrolled) / hourOf()) * 60;
        const to = hand.was.start === undefined ? minute(e.clientY) : hand.was.start + moved;
        hand.start = clamp(snap(to), 0, DAY - STEP);
        hand.length = Math.min(hand.was.length, DAY - hand.start);
      }
    }
    draw();
  },
  put: () => hand && drop(),
  back: () => back(said.putBack),
});
followed(grid);
