internal import Control

/// Utilisation and weight by server over time, as an SVG image that needs nothing else.
package struct Plot: Sendable {
  private static let width = 960.0
  private static let left = 64.0
  private static let right = width - 20
  private static let utilisationHeight = 170.0
  private static let weightHeight = 110.0
  private static let lineHeight = 14.0
  private static let mostLabelRows = 4
  /// About so wide is a character; a label that is a little longer than thought does no harm.
  private static let characterWidth = 6.2

  private var image = SVGText()
  /// Where the next thing goes.
  private var top = 12.0

  /// The image of some runs, those of one scenario one after the other.
  package static func svg(_ blocks: [PlotBlock]) -> String {
    var plot = Plot()
    var last: PlotBlock?
    for block in blocks {
      if last?.scenario != block.scenario || last?.servers != block.servers {
        plot.addHeading(block)
      }
      plot.add(block)
      last = block
    }
    return plot.document(of: blocks)
  }

  private func document(of blocks: [PlotBlock]) -> String {
    let size = "\(SVGText.number(Self.width)) \(SVGText.number(top))"
    let scenarios = blocks.map(\.scenario).reduce(into: [String]()) {
      if $0.last != $1 { $0.append($1) }
    }
    var document = SVGText()
    document.add(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "viewBox": "0 0 \(size)",
        "width": SVGText.number(Self.width), "height": SVGText.number(top), "role": "img",
      ]
    ) { document in
      document.add(
        "title", [:],
        text: "Utilisation and weight by server: \(scenarios.joined(separator: ", "))")
      document.add(raw: "<style>\n\(PlotStyle.css)</style>")
      document.add("rect", ["class": "ground", "width": "100%", "height": "100%"])
      document.add(raw: image.lines.joined(separator: "\n"))
    }
    return document.lines.joined(separator: "\n") + "\n"
  }

  /// The scenario's name, and which line is which server.
  private mutating func addHeading(_ block: PlotBlock) {
    top += 16
    addText("\(block.scenario), seed \(block.seed)", x: 16, class: "ink name")
    top += 8
    var x = Self.left
    top += Self.lineHeight
    for (index, server) in block.servers.enumerated() {
      let width = 30 + Double(server.count) * Self.characterWidth + 16
      if x + width > Self.right, x > Self.left {
        x = Self.left
        top += Self.lineHeight + 2
      }
      image.add(
        "line",
        [
          "class": PlotStyle.classes(ofServer: index), "x1": SVGText.number(x),
          "x2": SVGText.number(x + 24), "y1": SVGText.number(top - 4),
          "y2": SVGText.number(top - 4),
        ])
      addText(server, x: x + 30, class: "ink")
      x += width
    }
    top += 14
  }

  private mutating func add(_ block: PlotBlock) {
    top += 14
    addText(block.strategy.rawValue, x: 16, class: "ink strategy")
    let time = PlotAxis(upTo: block.durationSeconds, pixels: (Self.left, Self.right), ticks: 10)
    let labels = Self.placed(block.marks, on: time)
    let rows = labels.compactMap { $0.map { $0.row + 1 } }.max() ?? 0
    let labelTop = top + 4
    top = labelTop + Double(rows) * Self.lineHeight + 4
    let panels = top
    let utilisation = PlotAxis(
      upTo: 100, pixels: (top + Self.utilisationHeight, top), ticks: 5)
    addFrame(utilisation, time, title: "utilisation, % (10 s)")
    top += Self.utilisationHeight + 16
    let most = block.moments.flatMap(\.weights).max() ?? 0
    let weight = PlotAxis(
      upTo: Double(max(most, 1)) * 1.05, pixels: (top + Self.weightHeight, top), ticks: 5)
    addFrame(weight, time, title: "weight on \(block.balancer)")
    top += Self.weightHeight
    for (mark, label) in zip(block.marks, labels) {
      addMark(mark, label, time: time, labelTop: labelTop, panels: panels)
    }
    // Over the marks' lines, which would strike them out.
    for case (let mark, let label?) in zip(block.marks, labels) {
      addLabel(mark, label, time: time, labelTop: labelTop)
    }
    for server in block.servers.indices {
      addPath(
        server, block.utilisationPoints(of: server).map { $0.map { ($0, $1 * 100) } },
        utilisation, time)
      addPath(server, [block.weightPoints(of: server)], weight, time)
    }
    for tick in time.ticks {
      addText(
        decimal(tick, tick == tick.rounded() ? 0 : 1), x: time.pixel(tick), y: top + 15,
        class: "faint", anchor: "middle")
    }
    top += 29
    addText("time, s", x: (Self.left + Self.right) / 2, class: "faint", anchor: "middle")
    top += 12
  }

  /// A panel's grid, and what its values are.
  private mutating func addFrame(_ axis: PlotAxis, _ time: PlotAxis, title: String) {
    for tick in axis.ticks {
      let y = axis.pixel(tick)
      addLine("grid", (Self.left, y), (Self.right, y))
      addText(
        decimal(tick, tick == tick.rounded() ? 0 : 1), x: Self.left - 6, y: y + 4, class: "faint",
        anchor: "end")
    }
    for tick in time.ticks {
      addLine("grid", (time.pixel(tick), axis.pixels.first), (time.pixel(tick), axis.pixels.last))
    }
    let x = SVGText.number(18)
    let y = SVGText.number((axis.pixels.first + axis.pixels.last) / 2)
    image.add(
      "text",
      [
        "class": "faint", "x": x, "y": y, "text-anchor": "middle",
        "transform": "rotate(-90 \(x) \(y))",
      ], text: title)
  }

  private mutating func addMark(
    _ mark: PlotBlock.Mark, _ label: Label?, time: PlotAxis, labelTop: Double, panels: Double
  ) {
    let x = time.pixel(mark.fromSeconds)
    let end = time.pixel(mark.toSeconds)
    if end > x {
      image.add(
        "rect",
        [
          "class": "span", "x": SVGText.number(x), "y": SVGText.number(panels),
          "width": SVGText.number(end - x), "height": SVGText.number(top - panels),
        ])
    }
    let row = label.map { labelTop + Double($0.row) * Self.lineHeight }
    addLine("event", (x, row ?? panels), (x, top))
  }

  private mutating func addLabel(
    _ mark: PlotBlock.Mark, _ label: Label, time: PlotAxis, labelTop: Double
  ) {
    let x = time.pixel(mark.fromSeconds)
    addText(
      mark.label, x: label.isBefore ? x - 4 : x + 4,
      y: labelTop + Double(label.row) * Self.lineHeight + 10, class: "ink label",
      anchor: label.isBefore ? "end" : "start")
  }

  private struct Label {
    var row: Int
    /// Left of its mark, where there is no room at the right.
    var isBefore: Bool
  }

  /// Where the marks' labels go so that none is on another; `nil` for one without room.
  private static func placed(_ marks: [PlotBlock.Mark], on time: PlotAxis) -> [Label?] {
    var taken = [[ClosedRange<Double>]](repeating: [], count: mostLabelRows)
    return marks.map { mark in
      let x = time.pixel(mark.fromSeconds)
      let width = Double(mark.label.count) * characterWidth + 8
      let isBefore = x + width > right && x - width >= left
      let extent = isBefore ? (x - width)...x : x...(x + width)
      guard
        let row = taken.indices.first(where: { row in
          !taken[row].contains { $0.overlaps(extent) }
        })
      else { return nil }
      taken[row].append(extent)
      return Label(row: row, isBefore: isBefore)
    }
  }

  /// A server's line: a stroke for each stretch of points.
  private mutating func addPath(
    _ server: Int, _ stretches: [[(seconds: Double, value: Double)]], _ axis: PlotAxis,
    _ time: PlotAxis
  ) {
    let path = stretches.filter { !$0.isEmpty }.map { points in
      "M"
        + points.map {
          "\(SVGText.number(time.pixel($0.seconds))),\(SVGText.number(axis.pixel($0.value)))"
        }.joined(separator: " ")
    }.joined()
    guard !path.isEmpty else { return }
    image.add("path", ["class": PlotStyle.classes(ofServer: server), "d": path])
  }

  private mutating func addLine(
    _ style: String, _ from: (x: Double, y: Double), _ to: (x: Double, y: Double)
  ) {
    image.add(
      "line",
      [
        "class": style, "x1": SVGText.number(from.x), "y1": SVGText.number(from.y),
        "x2": SVGText.number(to.x), "y2": SVGText.number(to.y),
      ])
  }

  /// - Parameter y: the text's base; without it where the next thing goes.
  private mutating func addText(
    _ text: String, x: Double, y: Double? = nil, class style: String, anchor: String = "start"
  ) {
    image.add(
      "text",
      [
        "class": style, "x": SVGText.number(x), "y": SVGText.number(y ?? top),
        "text-anchor": anchor,
      ], text: text)
  }
}

extension PlotBlock {
  /// A stretch for each time that the server served without a break.
  fileprivate func utilisationPoints(of server: Int) -> [[(Double, Double)]] {
    moments.reduce(into: [[]]) { stretches, moment in
      let value = moment.utilisation.indices.contains(server) ? moment.utilisation[server] : nil
      if let value {
        stretches[stretches.count - 1].append((moment.atSeconds, value))
      } else if stretches.last?.isEmpty == false {
        stretches.append([])
      }
    }
  }

  /// The corners of its steps.
  fileprivate func weightPoints(of server: Int) -> [(Double, Double)] {
    var points: [(Double, Double)] = []
    for moment in moments where moment.weights.indices.contains(server) {
      let weight = Double(moment.weights[server])
      if let last = points.last, last.1 != weight { points.append((moment.atSeconds, last.1)) }
      if points.last?.1 != weight { points.append((moment.atSeconds, weight)) }
    }
    if let last = points.last, let end = moments.last?.atSeconds { points.append((end, last.1)) }
    return points
  }
}
