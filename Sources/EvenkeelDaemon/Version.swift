/// evenkeel's version: the one place that says it.
package let evenkeelVersion = "0.1.0"
