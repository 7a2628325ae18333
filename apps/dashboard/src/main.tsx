import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from './app.js';
import './styles/tokens.css';
import './styles/page.css';
import './styles/page-header.css';
import './styles/parts.css';
import './styles/live-round.css';
import './styles/chart.css';
import './styles/refusals.css';
import './styles/rounds-table.css';

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
