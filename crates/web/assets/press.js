// What stands on a calendar is carried by mouse and by touch. By mouse a drag begins after a few pixels, so that a click stays
// a click; by touch after a moment, for before that a finger scrolls.
const REST = 280;

// A move is a form that is sent; what was moved by keys has the attention again on the page that follows.
const MOVED = 'peyvand.moved';
export const follow = id => sessionStorage.setItem(MOVED, id);
export const followed = root => {
  const id = sessionStorage.getItem(MOVED);
  sessionStorage.removeItem(MOVED);
  if (id) root.querySelector(`[data-move="${CSS.escape(id)}"] a`)?.focus();
};

// Of everything with `data-move` below `root` for which `may` says yes: `begin` when it is lifted, `move` with each event while
// it is carried, then either `put` or `back`. All get what is pressed: `ev`, where (`x`, `y`), and whether by its lower edge.
export const carried = (root, { may = () => true, begin, move, put, back }) => {
  let press;
  const lift = () => {
    if (!press) return;
    press.on = true;
    begin(press);
  };
  const over = () => {
    const was = press;
    clearTimeout(press?.timer);
    press = undefined;
    return was;
  };
  root.addEventListener('dragstart', e => {
    if (e.target.closest('[data-move]')) e.preventDefault();
  });
  root.addEventListener('contextmenu', e => {
    if (press?.touch) e.preventDefault();
  });
  root.addEventListener('pointerdown', e => {
    const ev = e.target.closest('[data-move]');
    if (!ev || e.button !== 0 || !may(e.target)) return;
    const edge = e.target.matches('.stretch');
    const touch = e.pointerType !== 'mouse';
    press = { ev, edge, touch, x: e.clientX, y: e.clientY };
    if (touch) press.timer = setTimeout(lift, edge ? 0 : REST);
  });
  // While something is carried the page does not scroll under it.
  document.addEventListener(
    'touchmove',
    e => {
      if (press?.on) e.preventDefault();
    },
    { passive: false },
  );
  addEventListener('pointermove', e => {
    if (!press) return;
    const far = Math.hypot(e.clientX - press.x, e.clientY - press.y);
    if (!press.on && press.touch && far > 8) return over();
    if (!press.on && !press.touch && far > 6) lift();
    if (press.on) move(e, press);
  });
  addEventListener('pointercancel', () => {
    const was = over();
    if (was?.on) back(was);
  });
  addEventListener('pointerup', () => {
    const was = over();
    if (!was?.on) return;
    // The click that follows a drag opens nothing.
    const swallow = e => {
      e.preventDefault();
      e.stopPropagation();
    };
    addEventListener('click', swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener('click', swallow, { capture: true }), 60);
    put(was);
  });
};
