import Testing

@testable import EvenkeelDaemon

struct ConfigurationProblemsTests {
  private typealias Text = ConfigurationText

  @Test(arguments: [
    ("", ["line 1, column 1: there is nothing in it"]),
    ("{,}", ["line 1, column 2: expected a key (keys take double quotes)"]),
    ("[]", ["must be an object, not a list"]),
    ("7", ["must be an object, not a number"]),
    ("{}", ["sources: is missing", "balancers: is missing", "backends: is missing"]),
    (
      Text.small(cadvisors: "[]", balancers: "[]", backends: "[]"),
      [
        "cadvisors: must not be empty", "balancers: must not be empty",
        "backends: must not be empty",
      ]
    ),
    (
      Text.small(cadvisors: #""http://web1""#, balancers: "{}", backends: "null"),
      [
        "cadvisors: must be a list, not a string", "balancers: must be a list, not an object",
        "backends: must be a list, not null",
      ]
    ),
    (
      Text.small(#", "intervall": "5s", "Mode": "control", "colour": {}, "a b\u001b": 1"#),
      [
        "intervall: is no key that evenkeel knows (did you mean `interval`?)",
        "Mode: is no key that evenkeel knows (did you mean `mode`?)",
        "colour: is no key that evenkeel knows"
          + " (allowed: interval, sources, cadvisors, balancers, backends, mode, status, peers, on_stop)",
        #"[`a b\u{1b}`]: is no key that evenkeel knows"#
          + " (allowed: interval, sources, cadvisors, balancers, backends, mode, status, peers, on_stop)",
      ]
    ),
    (
      Text.small(#", "mode": "control", "mode": "observe", "x": 1, "x": 1"#),
      [
        "mode: is given twice",
        "x: is no key that evenkeel knows"
          + " (allowed: interval, sources, cadvisors, balancers, backends, mode, status, peers, on_stop)",
        "x: is given twice",
      ]
    ),
    (
      Text.small(#", "mode": "watch", "on_stop": true"#),
      [
        "mode: must not be `watch` (allowed: control, observe)",
        "on_stop: must be a string, not true or false (allowed: keep, restore)",
      ]
    ),
  ])
  func `the whole is checked`(text: String, complaints: [String]) {
    #expect(Text.complaints(text) == complaints.map { "config.json: \($0)" })
  }

  @Test(arguments: [
    (#""500ms""#, "`500ms` is too short"), (#""11m""#, "`11m` is too long"),
    (#""10""#, "`10` is no duration"), (#""1d""#, "`1d` is no duration"),
    (#""""#, "must not be empty"), ("10", "must be a string, not a number"),
    (#""9999999999999h""#, "`9999999999999h` is no duration"),
  ])
  func `an interval out of bounds is told the bounds and the form`(value: String, message: String) {
    let hint = #"allowed: 1s…10m, written as a whole number and ms, s, m or h, such as "10s""#
    #expect(
      Text.complaints(Text.small(#", "interval": \#(value)"#))
        == ["config.json: interval: \(message) (\(hint))"])
  }

  @Test(arguments: [
    ("[5]", ["cadvisors[0]: must be a URL or an object with `url`, not a number"]),
    ("[{}]", ["cadvisors[0].url: is missing"]),
    (#"[""]"#, ["cadvisors[0]: must not be empty"]),
    (
      #"["web1:8080"]"#,
      [
        "cadvisors[0]: is no URL that begins with http:// or https://"
          + " (allowed: http://HOST:PORT or https://HOST:PORT, with or without a path)"
      ]
    ),
    (
      #"[{"url": "http://probe:hunter2@web1"}]"#,
      [
        "cadvisors[0].url: must not contain a user or a password"
          + " (write an object with `url`, `username` and `password_file`)"
      ]
    ),
    (
      #"[{"url": "https://web1", "pasword_file": "x", "ca_file": 1}]"#,
      [
        "cadvisors[0].pasword_file: is no key that evenkeel knows"
          + " (did you mean `password_file`?)",
        "cadvisors[0].ca_file: must be a string, not a number",
      ]
    ),
    (
      #"[{"url": "http://web1", "username": "u"}, {"url": "http://web2", "password_file": "p"}]"#,
      [
        "cadvisors[0].password_file: is missing (`username` and `password_file` go together)",
        "cadvisors[1].username: is missing (`username` and `password_file` go together)",
      ]
    ),
    (
      #"[{"url": "https://web1", "username": "u", "password_file": "p", "token_file": "t"}]"#,
      [
        "cadvisors[0].token_file: does not go with `username` and `password_file`"
          + " (remove one or the other: there is one Authorization header)"
      ]
    ),
    (
      #"[{"url": "https://web1", "client_key_file": "k", "server_name": "a b"}]"#,
      [
        "cadvisors[0].client_certificate_file: is missing"
          + " (`client_certificate_file` and `client_key_file` go together)",
        "cadvisors[0].server_name: `a b` is no name (allowed: letters, digits, and - _ . :)",
      ]
    ),
    (
      #"[{"url": "http://web1", "server_name": "web2", "token_file": "t"}]"#,
      ["cadvisors[0].server_name: has no use with http:// (write https:// in `url`)"]
    ),
    (
      #"[{"url": "http://web1", "reply_limit": "64MB"}]"#,
      [
        "cadvisors[0].reply_limit: `64MB` is no size (allowed: 1MiB…1GiB, written as a whole "
          + "number and KiB, MiB or GiB, such as \"64MiB\")"
      ]
    ),
    (
      #"[{"url": "http://web1", "reply_limit": "1KiB"}]"#,
      [
        "cadvisors[0].reply_limit: `1KiB` is too small (allowed: 1MiB…1GiB, written as a whole "
          + "number and KiB, MiB or GiB, such as \"64MiB\")"
      ]
    ),
    (
      #"[{"url": "http://web1", "ca_file": "ca.pem"}]"#,
      ["cadvisors[0].ca_file: has no use with http:// (write https:// in `url`)"]
    ),
    (
      #"[{"url": "http://web1", "host": "web 1"}]"#,
      ["cadvisors[0].host: `web 1` is no name (allowed: letters, digits, and - _ . :)"]
    ),
    (
      #"["http://web1", "http://web2", {"url": "http://WEB1:80/"}]"#,
      ["cadvisors[2].url: is the same URL as cadvisors[0] (remove one of them)"]
    ),
    (
      #"["http://web1:1", "http://web1:2", {"url": "http://web3", "host": "web1"}]"#,
      [
        "cadvisors[1]: watches the same host `web1` as cadvisors[0]"
          + " (set `host` to tell them apart)",
        "cadvisors[2].url: watches the same host `web1` as cadvisors[0]"
          + " (set `host` to tell them apart)",
      ]
    ),
  ])
  func `cadvisors are checked`(cadvisors: String, complaints: [String]) {
    #expect(
      Text.complaints(Text.small(cadvisors: cadvisors)) == complaints.map { "config.json: \($0)" })
  }

  @Test(arguments: [
    (#"["unix:/a"]"#, ["balancers[0]: must be an object, not a string"]),
    (#"[{"name": "lb1"}]"#, ["balancers[0].address: is missing"]),
    (
      #"[{"name": "lb1", "address": "/run/h.sock"}]"#,
      [
        "balancers[0].address: `/run/h.sock` begins neither with unix: nor with tcp:"
          + " (write `unix:/run/h.sock`)"
      ]
    ),
    (
      #"[{"name": "lb 1", "address": 5, "write": "yes", "adress": ""}]"#,
      [
        "balancers[0].adress: is no key that evenkeel knows (did you mean `address`?)",
        "balancers[0].name: `lb 1` is no name (allowed: letters, digits, and - _ . :)",
        "balancers[0].write: must be true or false, not a string",
        "balancers[0].address: must be a string, not a number",
      ]
    ),
    (
      #"[{"address": "unix:/a"}, {"address": "unix:/b"}]"#,
      ["balancers[1]: has the same name `haproxy` as balancers[0] (give each a `name` of its own)"]
    ),
    (
      #"[{"name": "a", "address": "unix:/a"}, {"name": "b", "address": "unix:/a"}]"#,
      ["balancers[1]: has the same address `unix:/a` as balancers[0] (remove one of them)"]
    ),
  ])
  func `balancers are checked`(balancers: String, complaints: [String]) {
    #expect(
      Text.complaints(Text.small(balancers: balancers)) == complaints.map { "config.json: \($0)" })
  }

  @Test(arguments: [
    (
      #""pattern": "(""#,
      ["pattern: is no valid pattern: missing closing parenthesis, at byte 1"]
    ),
    (#""pattern": """#, ["pattern: must not be empty"]),
    (
      #""pattern": "a{,3}""#,
      ["pattern: has `{,3}`, which not every version of PCRE2 understands (write `{0,3}`)"]
    ),
    (
      #""pattern": "(a)", "server": "{2}""#,
      ["server: {2} is a group that `pattern` does not have (allowed: {0} to {1})"]
    ),
    (
      #""server": "{1}""#,
      [
        "server: {1} is a group that `pattern` does not have"
          + " (put parentheses into `pattern`, or use {0} for all that it matched)"
      ]
    ),
    (
      #""server": "{nmae}", "label": "", "match": "ip", "strategy": "fast", "mode": 1"#,
      [
        "label: must not be empty",
        "server: {nmae} stands for nothing (allowed: {0} to {9}, {alias}, {host}, {label:KEY};"
          + " a brace itself is written {{ or }})",
        "match: must not be `ip` (allowed: name, address)",
        "strategy: must not be `fast` (allowed: capacity, halfway)",
        "mode: must be a string, not a number (allowed: control, observe)",
      ]
    ),
    (#""measure": "host""#, ["measure: must not be `host` (allowed: fullest, container)"]),
    (#""label": "a\u0007b""#, ["label: contains a control character"]),
    (
      #""balancers": ["lb2", "other", "lb1", "lb1"]"#,
      [
        "balancers[0]: `lb2` is no balancer of this configuration (did you mean `lb1`?)",
        "balancers[1]: `other` is no balancer of this configuration (allowed: lb1)",
        "balancers[3]: is the same balancer `lb1` as backends[0].balancers[2] (remove one of them)",
      ]
    ),
    (#""balancers": []"#, ["balancers: must not be empty"]),
    (#""balancers": "lb1""#, ["balancers: must be a list, not a string"]),
    (
      #""weights": {"min": 0, "max": 257, "mix": 5}"#,
      [
        "weights.mix: is no key that evenkeel knows (did you mean `min`?)",
        "weights.min: must be a whole number within bounds, not 0 (allowed: 1…256)",
        "weights.max: must be a whole number within bounds, not 257 (allowed: 1…256)",
      ]
    ),
    (
      #""weights": {"min": 1.5, "max": 1e999}"#,
      [
        "weights.min: must be a whole number within bounds, not 1.5 (allowed: 1…256)",
        "weights.max: must be a whole number within bounds, not 1e999 (allowed: 1…256)",
      ]
    ),
    (
      #""weights": {"min": "4"}"#,
      ["weights.min: must be a number, not a string (allowed: 1…256)"]
    ),
    (
      #""weights": {"min": 9, "max": 8}"#, ["weights: has a `min` of 9 above its `max` of 8"]
    ),
    (#""weights": [1, 2]"#, ["weights: must be an object, not a list"]),
  ])
  func `a backend is checked`(backend: String, complaints: [String]) {
    #expect(
      Text.complaints(Text.small(backend: backend))
        == complaints.map { "config.json: backends[0].\($0)" })
  }

  @Test(arguments: [
    (#"["shop"]"#, ["backends[0]: must be an object, not a string"]),
    ("[{}]", ["backends[0].name: is missing"]),
    (
      #"[{"name": "shop; shutdown"}]"#,
      ["backends[0].name: `shop; shutdown` is no name (allowed: letters, digits, and - _ . :)"]
    ),
    (
      #"[{"name": "a"}, {"name": "b"}, {"name": "a"}]"#,
      ["backends[2]: has the same name `a` as backends[0] (remove one of them)"]
    ),
  ])
  func `the list of backends is checked`(backends: String, complaints: [String]) {
    #expect(
      Text.complaints(Text.small(backends: backends)) == complaints.map { "config.json: \($0)" })
  }

  @Test(arguments: [
    (
      #"{"listen": "off", "token_file": "t", "hosts": ["a"], "group": "adm"}"#,
      [
        "hosts: has no use where `listen` is off (remove it)",
        "group: has no use where `listen` is off (remove it)",
        "token_file: has no use where `listen` is off (remove it)",
      ]
    ),
    (
      #"{"listen": "unix:/run/s", "hosts": ["a"], "group": "adm"}"#,
      ["hosts: has no use where `listen` is a socket, which is asked by no name (remove it)"]
    ),
    (
      #"{"group": "adm"}"#, ["group: has no use where `listen` is no socket (remove it)"]
    ),
    (
      #"{"hosts": ["http://a", "a:80", "*"]}"#,
      ["http://a", "a:80", "*"].enumerated().map { index, name in
        "hosts[\(index)]: `\(name)` is no host's name (allowed: a host's name or address, without "
          + "scheme, port and path)"
      }
    ),
    (#"{"hosts": "a"}"#, ["hosts: must be a list, not a string"]),
    (#"{"hosts": []}"#, ["hosts: must not be empty"]),
  ])
  func `the status is checked`(status: String, complaints: [String]) {
    #expect(
      Text.complaints(Text.small(#", "status": \#(status)"#))
        == complaints.map { "config.json: status.\($0)" })
  }

  @Test func `one wrong balancer does not make its backends wrong`() {
    let text = Text.small(
      balancers: #"[{"name": "lb1", "address": "x"}, {"name": "l b", "address": "unix:/b"}]"#,
      backends: #"[{"name": "a", "balancers": ["lb1", "lb2"]}]"#)
    #expect(
      Text.complaints(text) == [
        "config.json: balancers[0].address: `x` begins neither with unix: nor with tcp:"
          + " (allowed: unix:/PATH, tcp:HOST:PORT or tcp:[IPV6]:PORT)",
        "config.json: balancers[1].name: `l b` is no name (allowed: letters, digits, and - _ . :)",
      ])
  }

  @Test func `all problems are reported at once`() {
    let text = Text.small(
      #", "interval": "1", "mode": "x", "on_stop": "y""#, cadvisors: #"["web1"]"#,
      balancers: #"[{"address": "z"}]"#, backends: #"[{"pattern": ")"}]"#)
    let paths = Text.complaints(text).map { $0.split(separator: ": ").dropFirst().first ?? "" }
    #expect(
      paths == [
        "interval", "cadvisors[0]", "balancers[0].address", "mode", "backends[0].name",
        "backends[0].pattern", "on_stop",
      ])
  }

  @Test(arguments: [
    #"["http://root:hunter2@web1", "http://root:hun ter2@web1", "http://web1?p=hunter2"]"#,
    #"[{"url": "http://web1", "password": "hunter2"}]"#,
    #"[{"url": "http://web1", "host": 1, "username": "u", "password": "hunter2"}]"#,
  ])
  func `a password in the wrong place is never shown`(cadvisors: String) {
    let complaints = Text.complaints(Text.small(cadvisors: cadvisors))
    #expect(!complaints.isEmpty)
    #expect(!complaints.joined().contains("hun"))
  }

  @Test func `control characters are refused before they are shown`() {
    let value = "\\u001b[2J\\u202e" + String(repeating: "x", count: 10_000)
    // JSON's escapes are for the reader; what it read has the control characters themselves.
    let complaints = Text.complaints(Text.small(backend: #""match": "\#(value)""#))
    #expect(
      complaints == [
        "config.json: backends[0].match: contains a control character (allowed: name, address)"
      ])
  }
}
