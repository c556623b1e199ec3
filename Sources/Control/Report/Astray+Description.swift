package import Balancing

extension Astray: CustomStringConvertible {
  package var description: String {
    "requests do not follow the weights (\(server) gets \(decimal(seen * 100, 0)) % and should get "
      + "\(decimal(wanted * 100, 0)) %): cookies, stick tables, long sessions or an old process; "
      + "written once in ten minutes at most"
  }
}
