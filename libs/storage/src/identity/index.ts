export * from './devices.js';
export * from './issuances.js';
