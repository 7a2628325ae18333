/**
 * For a bar that fills a share of its track. It is moved and not resized, so that nothing is laid out while it goes there;
 * the track hides what is outside.
 */
export const filled = (share: number) => ({ transform: `translateX(${(Math.min(1, share) - 1) * 100}%)` });
