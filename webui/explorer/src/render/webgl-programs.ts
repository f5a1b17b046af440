/** What sigma draws nodes and lines with: circles, squares and diamonds, straight and curved lines with an arrow's head. */
import { createEdgeCurveProgram } from "@sigma/edge-curve";
import { NodeSquareProgram } from "@sigma/node-square";
import { createEdgeArrowHeadProgram, createEdgeClampedProgram, createEdgeCompoundProgram, NodeCircleProgram } from "sigma/rendering";

/** Programs bring their own label drawing, which goes before the settings; without it ours is used. */
class SquareProgram extends NodeSquareProgram {
  constructor(...given: ConstructorParameters<typeof NodeSquareProgram>) {
    super(...given);
    Object.assign(this, { drawLabel: undefined, drawHover: undefined });
  }
}

/** The square program turned by 45 degrees. */
class DiamondProgram extends SquareProgram {
  override getDefinition() {
    const half = Math.PI / 2;
    return { ...super.getDefinition(), CONSTANT_DATA: [[0], [half], [-half], [half], [-half], [Math.PI]] };
  }
}

const HEAD = { extremity: "target", lengthToThicknessRatio: 4, widenessToThicknessRatio: 3.2 } as const;

export const NODES = { circle: NodeCircleProgram, square: SquareProgram, diamond: DiamondProgram };
export const EDGES = {
  straight: createEdgeCompoundProgram([createEdgeClampedProgram(HEAD), createEdgeArrowHeadProgram(HEAD)]),
  curved: createEdgeCurveProgram({ arrowHead: HEAD }),
};
