// Formatting of rich text by marks in a plain input: a row of buttons above it, and keys. Without this one types the marks.
const icons = document.body.dataset.icons;
const put = (area, text, from, to) => {
  area.focus();
  area.setSelectionRange(from, to);
  // The browser's own undo knows what was put in this way.
  if (!document.execCommand('insertText', false, text)) {
    area.setRangeText(text, from, to, 'end');
    area.dispatchEvent(new Event('input', { bubbles: true }));
  }
};
const wrap = (area, mark) => {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const inner = value.slice(from, to);
  const size = mark.length;
  if (value.slice(from - size, from) === mark && value.slice(to, to + size) === mark && inner) {
    put(area, inner, from - size, to + size);
    area.setSelectionRange(from - size, to - size);
    return;
  }
  // A mark stands at a word, not at the space beside it.
  const text = inner.trim();
  const before = inner.slice(0, inner.length - inner.trimStart().length);
  const after = inner.slice(before.length + text.length);
  put(area, `${before}${mark}${text}${mark}${after}`, from, to);
  const at = from + before.length + size;
  area.setSelectionRange(at, at + text.length);
};
const lines = (area, mark) => {
  const { value } = area;
  const from = value.lastIndexOf('\n', area.selectionStart - 1) + 1;
  const next = value.indexOf('\n', area.selectionEnd);
  const to = next < 0 ? value.length : next;
  const known = /^\s*(?:[-*•]|[0-9۰-۹]{1,3}[.)])\s+/u;
  const all = value.slice(from, to).split('\n');
  const on = all.every((l, n) => l.startsWith(mark(n)));
  const text = all.map((l, n) => (on ? l.replace(known, '') : mark(n) + l.replace(known, ''))).join('\n');
  put(area, text, from, to);
};
const link = area => {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const text = value.slice(from, to).trim();
  if (/^https?:\/\/\S+$/.test(text)) {
    put(area, `[](${text})`, from, to);
    area.setSelectionRange(from + 1, from + 1);
    return;
  }
  put(area, `[${text}](https://)`, from, to);
  const at = text ? from + text.length + 11 : from + 1;
  area.setSelectionRange(at, at);
};
const MARKS = [
  { sign: 'B', keys: ['KeyB', false], act: a => wrap(a, '**') },
  { sign: 'I', keys: ['KeyI', false], act: a => wrap(a, '_') },
  { sign: '•', keys: ['Digit8', true], act: a => lines(a, () => '- ') },
  { sign: document.body.dataset.digits === 'fa' ? '۱.' : '1.', keys: ['Digit7', true], act: a => lines(a, n => `${n + 1}. `) },
  { icon: 'link', keys: ['KeyK', true], act: link },
  { sign: '@', mention: true, act: a => put(a, '@', a.selectionStart, a.selectionEnd) },
];
const name = keys => (keys ? `Ctrl ${keys[1] ? 'Shift ' : ''}${keys[0].replace(/Key|Digit/, '')}` : '');
const offer = area => {
  if (area.dataset.marked) return;
  area.dataset.marked = '1';
  const words = area.dataset.marks.split('|');
  const bar = document.createElement('div');
  bar.className = 'marks';
  bar.setAttribute('role', 'toolbar');
  bar.setAttribute('aria-label', words[0] && area.labels?.[0]?.textContent.trim());
  bar.setAttribute('aria-controls', area.id);
  MARKS.forEach((mark, n) => {
    if (mark.mention && !('mention' in area.dataset)) return;
    const b = document.createElement('button');
    b.type = 'button';
    b.className = 'btn sq s';
    b.tabIndex = n ? -1 : 0;
    b.setAttribute('aria-label', words[n]);
    if (mark.keys) b.setAttribute('aria-keyshortcuts', name(mark.keys).replaceAll(' ', '+').replace('Ctrl', 'Control'));
    b.title = [words[n], name(mark.keys)].filter(Boolean).join(' · ');
    if (mark.icon) b.innerHTML = `<svg class="i sm" aria-hidden="true"><use href="${icons}#i-${mark.icon}"/></svg>`;
    else b.dataset.sign = mark.sign;
    b.addEventListener('mousedown', e => e.preventDefault());
    b.addEventListener('click', () => mark.act(area));
    bar.append(b);
  });
  bar.addEventListener('keydown', e => {
    const all = [...bar.children];
    const turned = document.dir === 'rtl' ? -1 : 1;
    const by = { ArrowRight: turned, ArrowLeft: -turned }[e.key];
    if (!by) return;
    e.preventDefault();
    const next = all[(all.indexOf(document.activeElement) + by + all.length) % all.length];
    for (const b of all) b.tabIndex = b === next ? 0 : -1;
    next.focus();
  });
  area.addEventListener('keydown', e => {
    if (!(e.ctrlKey || e.metaKey) || e.altKey || !bar.offsetParent) return;
    const mark = MARKS.find(m => m.keys && m.keys[0] === e.code && m.keys[1] === e.shiftKey);
    if (!mark) return;
    e.preventDefault();
    e.stopPropagation();
    mark.act(area);
  });
  (area.closest('.composer .input') ?? area).before(bar);
};
const all = of => {
  for (const area of of.querySelectorAll('textarea[data-marks]')) offer(area);
};
all(document);
document.addEventListener('peyvand:inputs', e => all(e.detail));
