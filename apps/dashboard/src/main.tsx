import './no-eval.js';

import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router';

import { RoundsProvider } from './rounds/rounds-provider.js';
import { router } from './routes.js';
import { newQueryClient } from './session/query-client.js';
import { ThemeProvider } from './shell/theme-provider.js';
import '#look/palette.css';
import '#look/parts.css';
import './styles/page.css';
import './styles/page-header.css';
import './styles/navigation.css';
import './styles/parts.css';
import './styles/controls.css';
import './styles/live-round.css';
import './styles/chart.css';
import './styles/refusals.css';
import './styles/rounds-table.css';

const client = newQueryClient();

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <ThemeProvider>
        <RoundsProvider>
          <RouterProvider router={router} />
        </RoundsProvider>
      </ThemeProvider>
    </QueryClientProvider>
  </StrictMode>,
);
