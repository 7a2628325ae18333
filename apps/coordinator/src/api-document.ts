import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

/** The HTTP API in OpenAPI: what /docs shows, /openapi.json answers and the reference is written from. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const document = new DocumentBuilder()
    .setTitle('Starling coordinator')
    .setDescription(
      'Use cases, rounds and models. Round state is public; writing, and listing models, needs an account or an API key.',
    )
    .setVersion('1')
    .addBearerAuth()
    .build();
  return SwaggerModule.createDocument(app, document);
}
