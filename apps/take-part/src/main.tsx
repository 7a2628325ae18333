import { createRoot } from 'react-dom/client';

import { TakePart } from './device/take-part.js';
import { readLink } from './link.js';
import { App } from './views/app.js';
import '#look/palette.css';
import '#look/parts.css';
import './styles/page.css';
import './styles/parts.css';

const link = readLink(location.hash);
// Out of the address bar, the history and whatever is copied from it, before anything else happens.
if (location.hash !== '') history.replaceState(null, '', location.pathname);

const takePart = new TakePart();
createRoot(document.getElementById('root')!).render(<App takePart={takePart} />);
void takePart.begin(link);
