import { byId } from './dom.js';

/** Two tabs with the keyboard's arrow keys; each has controls of its own in the head. */
export function connectTabs(tabs, onChange) {
  const choose = (chosen) => {
    for (const { tab, pane, controls } of tabs) {
      const on = tab === chosen;
      byId(tab).setAttribute('aria-selected', String(on));
      byId(tab).tabIndex = on ? 0 : -1;
      byId(pane).hidden = !on;
      byId(controls).hidden = !on;
    }
    onChange(chosen);
  };
  tabs.forEach(({ tab, pane }, index) => {
    // What scrolls can be reached and scrolled with the keyboard, in Safari too.
    byId(pane).tabIndex = 0;
    byId(tab).addEventListener('click', () => choose(tab));
    byId(tab).addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step === undefined) return;
      const next = tabs[(index + step + tabs.length) % tabs.length].tab;
      choose(next);
      byId(next).focus();
    });
  });
}
