import { AccountMenu } from '../portal/account-menu.js';
import { ConnectionStatus } from './connection-status.js';
import type { Theme } from './use-theme.js';
import { UseCasePicker } from './use-case-picker.js';

interface Props {
  readonly theme: Theme;
  readonly toggleTheme: () => void;
}

export function PageHeader({ theme, toggleTheme }: Props) {
  return (
    <header className="page-header">
      <div className="page page-header-row">
        <h1 className="wordmark">
          <Flock />
          Starling
        </h1>
        <UseCasePicker />
        <ConnectionStatus />
        <AccountMenu />
        <ThemeButton theme={theme} toggle={toggleTheme} />
      </div>
    </header>
  );
}

/** Birds of a flock, none of them marked. */
function Flock() {
  return (
    <svg className="flock" viewBox="0 0 28 20" width="28" height="20" aria-hidden="true">
      {[
        'M2 13q3-4 5 0q2-4 5 0',
        'M9 6q3-4 5 0q2-4 5 0',
        'M14 16q3-4 5 0q2-4 5 0',
        'M18 10q2.4-3.2 4 0q1.6-3.2 4 0',
      ].map((bird) => (
        <path key={bird} d={bird} />
      ))}
    </svg>
  );
}

function ThemeButton({ theme, toggle }: { theme: Theme; toggle: () => void }) {
  const label = theme === 'dark' ? 'Use the light theme' : 'Use the dark theme';
  return (
    <button type="button" className="icon-button" onClick={toggle} aria-label={label} title={label}>
      <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
        {theme === 'dark' ? (
          <path d="M10 6.2a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6M10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6 16 16M4 16l1.4-1.4M14.6 5.4 16 4" />
        ) : (
          <path d="M16.8 12.2A7.2 7.2 0 0 1 7.8 3.2a7.2 7.2 0 1 0 9 9Z" />
        )}
      </svg>
    </button>
  );
}
