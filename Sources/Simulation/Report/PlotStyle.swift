/// The plot's colours, in both schemes, as CSS.
///
/// Plain rules rather than variables: not every program that shows SVG knows those.
enum PlotStyle {
  /// Strokes of the servers, chosen so that the nearest two differ by 0.12 or more in OKLab to an
  /// eye without one kind of cone too, and each from the ground by a contrast of 3:1 or more.
  static let light = [
    "#0228ae", "#ca770b", "#3d7675", "#a28cb8", "#635500", "#3781ff", "#7c0062", "#442703",
  ]
  static let dark = [
    "#4d86ae", "#cc830a", "#56d99f", "#c3a1ff", "#fff219", "#b0fffe", "#9714ff", "#a74701",
  ]

  /// The classes of a server's line: a colour, and dashes when the colours are used up.
  static func classes(ofServer index: Int) -> String {
    let round = index / light.count
    return "line s\(index % light.count)" + (round > 0 ? " d\((round - 1) % 2 + 1)" : "")
  }

  static let css =
    """
    text{font:11px system-ui,"DejaVu Sans",sans-serif}
    .name{font-size:16px;font-weight:600}.strategy{font-size:13px;font-weight:600}
    .line{fill:none;stroke-width:1.5;stroke-linejoin:round}
    .d1{stroke-dasharray:6 3}.d2{stroke-dasharray:2 3}
    .grid{stroke-width:1}.event{stroke-width:1;stroke-dasharray:3 3}.span{fill-opacity:.12}
    .label{paint-order:stroke;stroke-width:4}

    """ + scheme(ground: "#ffffff", ink: "#1b1f24", faint: "#57606a", grid: "#dfe3e8", light)
    + "@media (prefers-color-scheme:dark){\n"
    + scheme(ground: "#14181d", ink: "#e8ebef", faint: "#a3acb6", grid: "#333a42", dark) + "}\n"

  private static func scheme(
    ground: String, ink: String, faint: String, grid: String, _ strokes: [String]
  ) -> String {
    """
    .ground{fill:\(ground)}.ink{fill:\(ink)}.faint,.span{fill:\(faint)}
    .grid{stroke:\(grid)}.event{stroke:\(faint)}.label{stroke:\(ground)}

    """ + strokes.enumerated().map { ".s\($0){stroke:\($1)}" }.joined() + "\n"
  }
}
