/// A number as a person writes it: a whole one without a point.
package struct PlainNumber: CustomStringConvertible {
  package let description: String

  package init(_ number: Double) {
    self.description = Int(exactly: number).map(String.init) ?? "\(number)"
  }
}
