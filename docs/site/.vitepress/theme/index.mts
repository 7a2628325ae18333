import Theme from 'vitepress/theme-without-fonts';

import './site.css';

/** The default theme with the dashboard's colours, and no font of its own: the system's are there already. */
export default Theme;
