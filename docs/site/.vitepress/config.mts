import { fileURLToPath } from 'node:url';

import { defineConfig, type DefaultTheme } from 'vitepress';

import { githubSlug } from '../build/github-slug.js';
import { captions } from './captions.mjs';
import { inlinePictures } from './pictures.mjs';

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

const items = (folder: string, ...pages: readonly (readonly [string, string])[]): DefaultTheme.SidebarItem[] =>
  pages.map(([link, text]) => ({ text, link: `/${folder}/${link}` }));

const sidebar: DefaultTheme.SidebarItem[] = [
  {
    text: 'Start',
    items: items(
      'guide',
      ['quickstart', 'Quickstart'],
      ['in-the-page', 'A use case in the page'],
      ['first-use-case', 'Your first own use case'],
      ['take-part', 'Take part in a browser'],
      ['not-protected', 'What is not protected'],
    ),
  },
  {
    text: 'Concepts',
    items: items(
      'concepts',
      ['one-round', 'One round'],
      ['blind-tokens', 'Blind tokens'],
      ['who-knows-what', 'Who knows what'],
      ['exactly-once', 'Exactly once'],
      ['transparency-log', 'The transparency log'],
      ['privacy', 'Noise and its budget'],
      ['anonymity-set', 'The anonymity set'],
      ['asynchronous-rounds', 'Asynchronous rounds'],
    ),
  },
  {
    text: 'How to',
    items: items(
      'how-to',
      ['own-model', 'Bring your own model'],
      ['own-data', 'Train on your own data'],
      ['own-device', 'Write a device'],
      ['own-strategy', 'Write a strategy'],
      ['choose-privacy', 'Choose privacy settings'],
      ['encodings', 'Make updates smaller'],
      ['deploy', 'Deploy'],
      ['rotate-keys', 'Rotate keys'],
      ['back-up', 'Back up and restore'],
      ['people', 'People and roles'],
      ['operate', 'Operate rounds'],
      ['watch', 'Watch a deployment'],
      ['evaluate', 'Evaluate and export'],
      ['audit', 'Audit the log'],
      ['simulate', 'Simulate a fleet'],
    ),
  },
  {
    text: 'Protocol and threats',
    items: [
      { text: 'The protocol', link: '/protocol/' },
      { text: 'On the wire', link: '/protocol/wire' },
      { text: 'ACS', link: '/protocol/acs' },
      { text: 'Threat model', link: '/protocol/threat-model' },
      { text: 'Compared with others', link: '/guide/comparison' },
    ],
  },
  {
    text: 'Reference',
    items: [
      { text: 'Commands', link: '/reference/commands' },
      { text: 'HTTP API', link: '/reference/http-api' },
      { text: 'Error codes', link: '/reference/errors' },
      { text: 'Settings of processes', link: '/reference/settings' },
      { text: 'Metrics', link: '/reference/metrics' },
      ...items(
        'reference/code',
        ['client', 'Device library'],
        ['protocol', 'Messages and manifests'],
        ['learning', 'Strategies and grid'],
      ),
    ],
  },
  {
    // Not to be collapsed: the button for that would be inside another one.
    text: 'The project',
    items: items(
      'project',
      ['architecture', 'Architecture'],
      ['spec', 'Rules and their tests'],
      ['data-model', 'Data model'],
      ['glossary', 'Glossary'],
      ['robustness', 'Robustness'],
      ['containers', 'Containers'],
      ['operations', 'Operations'],
      ['python', 'A device in Python'],
      ['decisions/', 'Decisions'],
      ['security', 'Security policy'],
      ['contributing', 'Contributing'],
      ['changelog', 'Changelog'],
    ),
  },
];

/** Pages come from dist/docs-pages, where docs/site/build puts those that are written here, elsewhere, and from the code. */
export default defineConfig({
  title: 'Starling',
  description: 'Federated learning that never learns who sent an update.',
  lang: 'en',
  srcDir: fromRoot('dist/docs-pages'),
  outDir: fromRoot('dist/docs-site'),
  cacheDir: fromRoot('.cache/vitepress'),
  // The links are checked in the built pages, with their anchors.
  ignoreDeadLinks: true,
  metaChunk: false,
  markdown: {
    // Of the themes with enough contrast on the colour of a block, too.
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config: (md) => {
      inlinePictures(md);
      captions(md);
    },
    anchor: { slugify: githubSlug },
    toc: { level: [2, 3] },
  },
  vite: { build: { assetsInlineLimit: 0 } },
  themeConfig: {
    siteTitle: 'Starling',
    outline: [2, 3],
    search: { provider: 'local', options: { detailedView: false } },
    nav: [
      { text: 'Start', link: '/guide/quickstart', activeMatch: '/guide/' },
      { text: 'Concepts', link: '/concepts/one-round', activeMatch: '/concepts/' },
      { text: 'How to', link: '/how-to/own-model', activeMatch: '/how-to/' },
      { text: 'Protocol', link: '/protocol/', activeMatch: '/protocol/' },
      { text: 'Reference', link: '/reference/commands', activeMatch: '/reference/' },
    ],
    sidebar,
    // Else its name is another one than what it shows.
    notFound: { linkText: 'Take me home', linkLabel: 'Take me home' },
    docFooter: { prev: 'Before', next: 'Next' },
    footer: { message: 'Apache License 2.0. Copyright Starling contributors.' },
  },
});
