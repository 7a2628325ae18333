import Theme from 'vitepress/theme-without-fonts';

import '../../../../libs/look/palette.css';
import './site.css';

/** The default theme with the colours of our pages, and no font of its own: the system's are there already. */
export default Theme;
