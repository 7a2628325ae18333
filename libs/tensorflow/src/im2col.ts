/** What of a convolution's geometry matters here; NHWC, no dilation. */
export interface ConvolutionGeometry {
  readonly batchSize: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly padInfo: { readonly top: number; readonly left: number };
}

/**
 * Lays out, for each weight of a filter, the inputs it meets: row (ky, kx, channel), column (image, oy, ox).
 * Places outside the image are zero.
 *
 * @param x  images, [batchSize, inHeight, inWidth, inChannels]; not modified
 * @param columns  filled: [filterHeight·filterWidth·inChannels, batchSize·outHeight·outWidth]
 */
export function im2col(x: Float32Array, columns: Float32Array, g: ConvolutionGeometry): void {
  let offset = 0;
  for (let ky = 0; ky < g.filterHeight; ky++) {
    for (let kx = 0; kx < g.filterWidth; kx++) {
      for (let channel = 0; channel < g.inChannels; channel++) {
        for (let image = 0; image < g.batchSize; image++) {
          offset = fillPlane(x, columns, g, { offset, ky, kx, channel, image });
        }
      }
    }
  }
}

interface Plane {
  readonly offset: number;
  readonly ky: number;
  readonly kx: number;
  readonly channel: number;
  readonly image: number;
}

/** Writes the outHeight × outWidth numbers of one row and image; returns the offset after them. */
function fillPlane(x: Float32Array, columns: Float32Array, g: ConvolutionGeometry, plane: Plane): number {
  let { offset } = plane;
  for (let oy = 0; oy < g.outHeight; oy++) {
    const y = oy * g.strideHeight + plane.ky - g.padInfo.top;
    const row = (plane.image * g.inHeight + y) * g.inWidth;
    const inside = y >= 0 && y < g.inHeight;
    for (let ox = 0; ox < g.outWidth; ox++) {
      const column = ox * g.strideWidth + plane.kx - g.padInfo.left;
      const hit = inside && column >= 0 && column < g.inWidth;
      columns[offset++] = hit ? x[(row + column) * g.inChannels + plane.channel]! : 0;
    }
  }
  return offset;
}
