import type { Transcript } from './transcript.js';

/**
 * What noble and two versions of libsodium agree on, written down so that an engine can be tried without noble.
 * `operate` and `issueAndRedeem` make it from the tape.
 */

export const KNOWN_TAPE = Uint8Array.from({ length: 512 }, (_, i) => (i * 167 + 13) & 0xff);

const ANSWERS = {
  ristretto255: {
    hash: 'cdbc86c9eeb71d198c7901d7449ea126783bcbc14baf4bf3e3da91589a5b8796bd8de6631c6d3049b66fbfdb70c0140525d7399fe35b5ff8fedb543bdea73e41',
    hashNothing:
      'cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e',
    hashMuch:
      '8728cb97be7e8f42929119e7a5b1121c42e2dd2cb3e78481eba903d2b6d06cc03a4593928fb8f8abb311700a6d9feba078494a63bcf765bff07710e07e456782',
    map: 'a8a81f0f723373064ee1437bb58483de0274f0ce51a1fe88d4a519a4d1519f14',
    decode: '1ac1739afe4dfc3414ddad9570e173e6cfe81a087c721bc858852f7d3f8acf6c',
    add: '2636c8a2a6bb510352ac954dcdb8e781987aa0344abed69f6b230e72f9b8986e',
    double: '32b68e342a8d53253c3d1091666bad6b33f19419796b6049951e80c6dadccb14',
    subtract: 'a412722e9bc5f25b6a16b6200549486c2d0f2fd75eab243a554820534e03ac57',
    cancel: '0000000000000000000000000000000000000000000000000000000000000000',
    multiply: '2e9887a9d3498917d35024d9e7add337cb6d640de6b8ba5445f448bef0e38e2b',
    multiplyOddBits: '54d95629e733dc5368b646543f596cd0185f64fdc79ae7f11737c44b2e130865',
    multiplyEvenBits: '3efa354d75fc6556a8630dc780c7bbdd76151f0ea88433f73c9b055e2f92e170',
    multiplyGenerator: '10904ae412ea73fbee4024ce39da2de79db6c812009b3f5af111b3ee5a2e7d54',
    generatorOddBits: '808b15998dce9a3d3421e6f4f766af027f8fe8ad93af0f6e1b13b7f460291827',
    sumOfProducts: '10adf090fa8a8aec377e533a5bfb94a5228b54d16cbea5f02339e67672ee6870',
    emptySum: '0000000000000000000000000000000000000000000000000000000000000000',
    reduce: '52435e539f4d4a9d77ccc23528e6a8dd5119f7600c82ff805b05e3074c14b90c',
    addScalars: '407d15c686432aa61b9bb58369c684ece78994a62177bda36af4252f1d20b208',
    subtractScalars: '7735b1839df4573cfd60d844080ceeb9bba8591bf78c415e4c16a0e07a08c000',
    multiplyScalars: '09e430fba8cc9d3d20754f44cf7483a8701d9beb9b83ac7ea936203b29975203',
    invertScalar: 'a1148e5133ef31dd2da09f8ed4355e3e02c514417b3dff133f3a7ee27f963d00',
    judgements: '01000100',
    identities: '0100',
  },
  ed25519: {
    hash: 'cdbc86c9eeb71d198c7901d7449ea126783bcbc14baf4bf3e3da91589a5b8796bd8de6631c6d3049b66fbfdb70c0140525d7399fe35b5ff8fedb543bdea73e41',
    hashNothing:
      'cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e',
    hashMuch:
      '8728cb97be7e8f42929119e7a5b1121c42e2dd2cb3e78481eba903d2b6d06cc03a4593928fb8f8abb311700a6d9feba078494a63bcf765bff07710e07e456782',
    map: '293d0f4c1f7ef64ac32b3b27a7e5045a355509ca1d1319e3f025b57ae48bfda5',
    decode: 'b0eea6fbedf4162b895e149a3886a3a2717d035e08dc65ad51aed5e2a49ea8db',
    add: '2a57ee240db71c86d0c180039952ce413dcc277c43320aa4e4b72f63ef0c8199',
    double: '8f7370f5e3019eef975ac04e730d9073edeeb9b30da52e9cb102df48dc3133a2',
    subtract: '15be072ea106d5994782464f47a1e2846393d8f02a3305419a442ce61638bfc0',
    cancel: '0100000000000000000000000000000000000000000000000000000000000000',
    multiply: '13066424ced97d7bd2c4b5aab20b98f579afa934fca178d03335ff680b5b22a0',
    multiplyOddBits: '3a1a600836207c01fe9669b10fef2d192e55c390fa4f7813757f092bf9f4f25c',
    multiplyEvenBits: '5483cc6e98995640f59838c1fd14dfc230c469be422dc33a1b14c299a292c824',
    multiplyGenerator: 'fcfbb70922170f03507eb70a93c5d5af221f1cae0a4f6650315ee77eeb1ac9ae',
    generatorOddBits: '0d8db3b396f4ed1e8fe3a669d5ca0a9fb923f7804ac269c77884bda17fdc7213',
    sumOfProducts: '6d00048f0a1fc22b22b776936edc67752128df8c224925df6e1d6a513216ee71',
    emptySum: '0100000000000000000000000000000000000000000000000000000000000000',
    reduce: '52435e539f4d4a9d77ccc23528e6a8dd5119f7600c82ff805b05e3074c14b90c',
    addScalars: '407d15c686432aa61b9bb58369c684ece78994a62177bda36af4252f1d20b208',
    subtractScalars: '7735b1839df4573cfd60d844080ceeb9bba8591bf78c415e4c16a0e07a08c000',
    multiplyScalars: '09e430fba8cc9d3d20754f44cf7483a8701d9beb9b83ac7ea936203b29975203',
    invertScalar: 'a1148e5133ef31dd2da09f8ed4355e3e02c514417b3dff133f3a7ee27f963d00',
    judgements: '01000100',
    identities: '0100',
  },
  suite: {
    public: '4ef2074e92c7ef69a73472c8383caea8381cd435fca9991e135b5dad5b8b2f3e',
    blinded: 'c0f3de383ad40cf3b5c7e2ca39a89e876275b8f5dfebc9e2c63aa6a8e175b738',
    evaluated: '7ef94d77d0aa796485cb3a1bab64f3d9fd443b9a8946cbadfe66d438b15a8a2b',
    proof:
      '16fca51d5dee981998560e697d912d62df3f62e194d36fbac9ed95aa62b4c9068778c7abfc3bfe55e91f9fe744897f0f8762198f3fb0795abc13036f1ff38c03',
    output:
      'bf41debafab63aed7cce78e696963475683d3f5ca1331d9799858b7228f3cbe116f36bb67a0b015360c7e932d8e19ba43f4c33417995f5b981bdfb6b4f6d3123',
    redeemed:
      'bf41debafab63aed7cce78e696963475683d3f5ca1331d9799858b7228f3cbe116f36bb67a0b015360c7e932d8e19ba43f4c33417995f5b981bdfb6b4f6d3123',
  },
} as const;

export const KNOWN_ANSWERS: Readonly<Record<keyof typeof ANSWERS, Transcript>> = {
  ristretto255: decode(ANSWERS.ristretto255),
  ed25519: decode(ANSWERS.ed25519),
  suite: decode(ANSWERS.suite),
};

function decode(answers: Readonly<Record<string, string>>): Transcript {
  return Object.fromEntries(Object.entries(answers).map(([name, digits]) => [name, Buffer.from(digits, 'hex')]));
}
