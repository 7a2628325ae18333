import { layoutLength, shapeLength, type Layout } from '#learning';

import { count } from '../../figures.js';

export function LayoutTable({ layout }: { layout: Layout }) {
  return (
    <div className="scroller" tabIndex={0} role="region" aria-label="Layout of the model">
      <table className="list list-plain">
        <caption className="visually-hidden">Tensors of the model</caption>
        <thead>
          <tr>
            <th scope="col">Tensor</th>
            <th scope="col">Shape</th>
            <th scope="col" className="numeric">
              Numbers
            </th>
          </tr>
        </thead>
        <tbody>
          {layout.map(({ name, shape }) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code>
              </th>
              <td>{shape.length === 0 ? 'one number' : shape.join(' × ')}</td>
              <td className="numeric">{count(shapeLength(shape))}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={2}>
              All
            </th>
            <td className="numeric">{count(layoutLength(layout))}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}
