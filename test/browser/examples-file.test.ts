import { describe, expect, it } from '@jest/globals';

import { encodeSafetensors } from '#learning';

import { toImage } from '../../apps/take-part/src/examples/drawing.js';
import { countByLabel, FileProblem, joinExamples } from '../../apps/take-part/src/examples/examples.js';
import { readExamples } from '../../apps/take-part/src/examples/read-file.js';
import { summarize } from '../../apps/take-part/src/device/update-summary.js';
import { readLink } from '../../apps/take-part/src/link.js';
import { isDrawable, shapeOfModel } from '../../apps/take-part/src/training/model-shape.js';
import { perceptron } from '../../apps/fleet/src/training/models.js';

const EXPECTED = { inputLength: 2, classes: 3 };
const read = (name: string, content: string | Uint8Array, expected = EXPECTED) =>
  readExamples(name, typeof content === 'string' ? new TextEncoder().encode(content) : content, expected);
const tensors = (inputs: number[], labels: number[]) =>
  encodeSafetensors([
    { name: 'inputs', shape: [labels.length, inputs.length / labels.length], data: Float32Array.from(inputs) },
    { name: 'labels', shape: [labels.length], data: Float32Array.from(labels) },
  ]);

describe('a file of examples', () => {
  it('[TKP5] in each form gives the same examples', () => {
    const wanted = { inputLength: 2, inputs: Float32Array.of(0.5, 1, -2, 3), labels: Uint32Array.of(2, 0) };
    expect(read('a.json', '{"inputs":[[0.5,1],[-2,3]],"labels":[2,0]}')).toEqual(wanted);
    expect(read('a.json', '{"inputs":[[[0.5],[1]],[[-2],[3]]],"labels":[2,0]}')).toEqual(wanted);
    expect(read('a.csv', '\uFEFF0.5,1,2\r\n-2,3,0\r\n')).toEqual(wanted);
    expect(read('a.csv', 'label,"x","y"\n2,0.5,1\n\n0,-2,3')).toEqual(wanted);
    expect(read('a.csv', '0.5;1;2\n-2;3;0')).toEqual(wanted);
    expect(read('a.safetensors', tensors([0.5, 1, -2, 3], [2, 0]))).toEqual(wanted);
  });

  // Kills: reading an empty cell as 0, a label beyond the classes, or a part of a row.
  it.each([
    ['a.json', '', 'The file is empty.'],
    ['a.json', '{"inputs":[[1,2]]', 'The file begins like JSON, and is none.'],
    ['a.json', '{"inputs":[[1,2]]}', 'The JSON has no two lists "inputs" and "labels".'],
    ['a.json', '{"inputs":[[1,2]],"labels":[0,1]}', 'There are 1 inputs and 2 labels'],
    ['a.json', '{"inputs":[[1,"x"]],"labels":[0]}', 'Input 1: value 2 is no number.'],
    ['a.json', '{"inputs":[],"labels":[]}', 'The file has no examples.'],
    ['a.csv', '1,2,0\n1,0\n', 'Line 2 has 1 numbers, and this model takes 2.'],
    ['a.csv', '1,2,0\n1,,1\n', 'Line 2: value 2 is no number.'],
    ['a.csv', 'x,y,label\n1,2,3\n', 'Line 2 has the label 3: labels are whole numbers from 0 to 2.'],
    ['a.csv', '1,2,0.5\n', 'the label 0.5'],
    ['a.csv', '7\n', 'needs at least one number and a label'],
    ['a.safetensors', 'abc', 'The file is no safetensors file of float32 tensors'],
    ['a.safetensors', encodeSafetensors([{ name: 'x', shape: [1], data: Float32Array.of(1) }]), 'has no two tensors'],
    ['a.safetensors', tensors([1, 2, 3], [0]), 'Input 1 has 3 numbers'],
  ])('[TKP5] %s that is wrong is refused with a sentence: %j', (name, content, sentence) => {
    expect(() => read(name, content)).toThrow(FileProblem);
    expect(() => read(name, content)).toThrow(sentence);
  });

  it('[TKP5] joins what is there already, if it is as long', () => {
    const first = read('a.csv', '1,2,0\n');
    const both = joinExamples(first, read('b.csv', '3,4,2\n5,6,2\n'));
    expect([...both.inputs]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...countByLabel(both.labels)]).toEqual([
      [0, 1],
      [2, 2],
    ]);
    const longer = { inputLength: 3, classes: 3 };
    expect(() => joinExamples(first, read('c.csv', '1,2,3,0\n', longer))).toThrow('Delete the old ones first');
  });
});

describe('what the page makes of a task', () => {
  it('[TKP6] a bare layout is trained only where it can be one thing alone', () => {
    const dense = [
      { name: 'w', shape: [784, 10] },
      { name: 'b', shape: [10] },
    ];
    expect(shapeOfModel(undefined, dense)).toMatchObject({
      inputShape: [784],
      classes: 10,
      topology: expect.anything(),
    });
    const { topology, layout } = perceptron('p', 4, [3], 2);
    expect(shapeOfModel(topology, layout)).toEqual({ inputShape: [4], classes: 2, topology });
    expect(shapeOfModel(undefined, layout).topology).toBeUndefined();
    expect(shapeOfModel(undefined, [dense[0]!, { name: 'b', shape: [9] }]).topology).toBeUndefined();
    expect([[784], [28, 28, 1], [28, 28], [28, 28, 3], undefined].map(isDrawable)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('[TKP6] an update is summed up as it was trained and as it leaves', () => {
    const before = Float32Array.of(1, 1, 1, 1);
    const summary = summarize(before, Float32Array.of(4, 1, 5, 1), { clip: 2.5, bytes: 16 });
    expect(summary).toMatchObject({ numbers: 4, bytes: 16, norm: 5, clippedNorm: 2.5, clip: 2.5, reach: 2 });
    expect(summary.histogram.reduce((sum, many) => sum + many)).toBe(4);
    expect([summary.histogram[10], summary.histogram[20]]).toEqual([2, 1]);
    expect(summarize(before, before, { clip: 1, bytes: 16 })).toMatchObject({ norm: 0, clippedNorm: 0 });
  });

  it('[TKP6] a drawing fills a box of 20 pixels with its mass in the middle, wherever it was drawn', () => {
    const ink = new Float32Array(280 * 280);
    for (let y = 20; y < 120; y++) for (let x = 200; x < 230; x++) ink[y * 280 + x] = 1;
    const image = toImage(ink, 280)!;
    const rows = [...image.keys()].filter((i) => image[i]! > 0.5).map((i) => Math.floor(i / 28));
    expect([Math.min(...rows), Math.max(...rows)]).toEqual([4, 23]);
    const mass = image.reduce((sum, value) => sum + value);
    expect(image.reduce((sum, value, i) => sum + value * (i % 28), 0) / mass).toBeCloseTo(13.5, 0);
    expect(toImage(new Float32Array(280 * 280), 280)).toBeUndefined();
  });

  it('[TKP1] reads links of its own form alone', () => {
    expect(readLink('#code=abc_-1&use-case=digits-2')).toEqual({ code: 'abc_-1', useCase: 'digits-2' });
    for (const other of ['', '#', '#code=abc', '#use-case=digits', '#code=a&use-case=../x', '#code=a%0Ab&use-case=d']) {
      expect(readLink(other)).toBeUndefined();
    }
  });
});
