from cloudgauge.errors import ConfigError, ConfigErrors
