// A day is chosen from a small calendar. The months come from the server, which knows the reader's calendar; what is chosen
// stands in the field as if it had been typed.
const rtl = document.dir === 'rtl';
const shift = (iso, n) => new Date(Date.parse(iso) + n * 864e5).toISOString().slice(0, 10);
const TIME = /[\d۰-۹٠-٩]{1,2}:[\d۰-۹٠-٩]{2}/;

// Each field of a day gets a button; what it needs of the page is handed in.
export const dates = (where, { $$, el, icon, word }) => {
  for (const input of $$('[data-date]:not([data-picks])', where)) {
    input.dataset.picks = '';
    const said = { 'aria-label': word('pick'), title: word('pick') };
    const button = el(
      'button',
      { type: 'button', class: 'btn sq s', 'aria-haspopup': 'dialog', 'aria-expanded': 'false', ...said },
      icon('cal', 'sm'),
    );
    const box = el('div', { class: 'daybox', popover: 'auto', role: 'dialog', 'aria-label': word('pick') });
    const holder = el('span', { class: 'dated' });
    // What is chosen in the field stays chosen while it finds its new place.
    const focused = document.activeElement === input && [input.selectionStart, input.selectionEnd];
    input.replaceWith(holder);
    holder.append(input, button);
    // Within a label a click would go to its field.
    (input.closest('label') ?? holder).after(box);
    if (focused) {
      input.focus({ preventScroll: true });
      input.setSelectionRange(...focused);
    }

    const put = () => {
      const [at, own] = [holder.getBoundingClientRect(), box.getBoundingClientRect()];
      const below = at.bottom + 4 + own.height < innerHeight || at.top < own.height;
      const left = rtl ? at.right - own.width : at.left;
      box.style.top = `${below ? Math.max(4, Math.min(at.bottom + 4, innerHeight - own.height - 4)) : at.top - own.height - 4}px`;
      box.style.left = `${Math.max(4, Math.min(left, innerWidth - own.width - 4))}px`;
    };
    const month = async asked => {
      const answer = await fetch(`/pick/month?${new URLSearchParams({ value: input.value, ...asked })}`);
      if (!answer.ok || answer.redirected) return false;
      box.innerHTML = await answer.text();
      const day =
        (asked.at && box.querySelector(`td [data-day="${asked.at}"]`)) ??
        box.querySelector('td .on') ??
        box.querySelector('td [aria-current]') ??
        box.querySelector('td button:not(.beyond)');
      day.tabIndex = 0;
      return day;
    };
    const go = async at => (await month({ at }))?.focus?.();
    const open = async () => {
      const day = await month({});
      if (!day) return;
      box.showPopover();
      put();
      day.focus();
    };
    const close = () => {
      box.hidePopover();
      input.focus();
    };
    button.addEventListener('click', () => (box.matches(':popover-open') ? close() : open()));
    // The press that closes by itself does not open again.
    button.addEventListener('pointerdown', e => box.matches(':popover-open') && e.preventDefault());
    box.addEventListener('toggle', e => button.setAttribute('aria-expanded', String(e.newState === 'open')));
    input.addEventListener('keydown', e => {
      if (e.altKey && e.key === 'ArrowDown') {
        e.preventDefault();
        e.stopPropagation();
        open();
      }
    });
    box.addEventListener('click', e => {
      const { go: to, day, text } = e.target.closest('button')?.dataset ?? {};
      if (to) go(to);
      if (!day) return;
      const time = input.dataset.date === 'time' && input.value.match(TIME)?.[0];
      input.value = time ? `${text} ${time}` : text;
      close();
      for (const kind of ['input', 'change']) input.dispatchEvent(new Event(kind, { bubbles: true }));
    });
    box.addEventListener('keydown', e => {
      // The keys are the calendar's own as long as it is open.
      e.stopPropagation();
      if (e.key === 'Escape') {
        e.preventDefault();
        close();
      }
      const day = e.target.closest('td')?.firstChild.dataset.day;
      if (!day) return;
      const of = box.firstElementChild.dataset;
      const steps = { ArrowUp: -7, ArrowDown: 7, ArrowLeft: rtl ? 1 : -1, ArrowRight: rtl ? -1 : 1 };
      const row = [...e.target.closest('tr').querySelectorAll('button')];
      const to =
        (steps[e.key] && shift(day, steps[e.key])) ??
        { Home: row[0].dataset.day, End: row[6].dataset.day }[e.key] ??
        { PageUp: e.shiftKey ? of.yearBack : of.back, PageDown: e.shiftKey ? of.yearNext : of.next }[e.key];
      if (!to) return;
      e.preventDefault();
      const there = box.querySelector(`td [data-day="${to}"]:not(.beyond)`);
      if (!there) return go(to);
      e.target.tabIndex = -1;
      there.tabIndex = 0;
      there.focus();
    });
  }
};
