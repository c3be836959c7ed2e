//! The command line.

use std::process::ExitCode;

use crate::fetch::{Shape, Side};
use crate::measures::{self, Measure, Settings};
use crate::{Result, server, table};

const USAGE: &str = "deploykit-bench [--list] [--quick] [MEASURE…]";

/// What this process is for.
pub(crate) enum Args {
    List,
    Measure {
        measures: Vec<&'static Measure>,
        settings: Settings,
    },
    /// The rest are what the program starts itself as.
    Serve,
    Sandbox {
        output_bytes: u64,
    },
    Follow {
        address: String,
        token: String,
    },
    /// One of several that share a limit.
    Program {
        redis: String,
        calls: usize,
        address: String,
    },
    Calls {
        side: Side,
        shape: Shape,
        calls: usize,
        address: String,
    },
}

impl Args {
    pub(crate) fn read(args: impl Iterator<Item = String>) -> Result<Self> {
        let args: Vec<String> = args.collect();
        let words: Vec<&str> = args.iter().map(String::as_str).collect();
        Ok(match words[..] {
            ["--list"] => Self::List,
            [server::SERVE] => Self::Serve,
            [server::SANDBOX, bytes] => Self::Sandbox {
                output_bytes: bytes.parse()?,
            },
            [measures::FOLLOW, address, token] => Self::Follow {
                address: address.to_owned(),
                token: token.to_owned(),
            },
            [measures::PROGRAM, redis, calls, address] => Self::Program {
                redis: redis.to_owned(),
                calls: calls.parse()?,
                address: address.to_owned(),
            },
            [measures::SIDE, side, shape, "--calls", calls, address] => Self::Calls {
                side: side.parse()?,
                shape: shape.parse()?,
                calls: calls.parse()?,
                address: address.to_owned(),
            },
            _ => Self::measures(&words)?,
        })
    }

    fn measures(words: &[&str]) -> Result<Self> {
        let (flags, names): (Vec<&str>, Vec<&str>) =
            words.iter().partition(|word| word.starts_with('-'));
        let mut settings = Settings::default();
        for flag in flags {
            match flag {
                "--quick" => settings.quick = true,
                _ => return Err(format!("{flag} is unknown; usage: {USAGE}").into()),
            }
        }
        let mut measures = Vec::new();
        for name in names {
            let found = measures::ALL.iter().find(|measure| measure.name == name);
            measures.push(found.ok_or_else(|| format!("no measure is called {name}; see --list"))?);
        }
        if measures.is_empty() {
            measures.extend(measures::ALL);
        }
        Ok(Self::Measure { measures, settings })
    }

    pub(crate) fn carry_out(self) -> Result<ExitCode> {
        match self {
            Self::List => measures::ALL
                .iter()
                .for_each(|measure| table::line(&format!("{:14}{}", measure.name, measure.what))),
            Self::Measure { measures, settings } => {
                let mut all_met = true;
                table::head();
                for measure in measures {
                    for row in (measure.run)(settings)? {
                        all_met &= row.is_met();
                        table::row(&row);
                    }
                }
                return Ok(if all_met {
                    ExitCode::SUCCESS
                } else {
                    ExitCode::from(2)
                });
            }
            Self::Serve => server::serve()?,
            Self::Sandbox { output_bytes } => server::serve_sandbox(output_bytes)?,
            Self::Follow { address, token } => measures::follow_output(&address, &token)?,
            Self::Program {
                redis,
                calls,
                address,
            } => measures::make_shared_calls(&redis, calls, &address)?,
            Self::Calls {
                side,
                shape,
                calls,
                address,
            } => measures::make_calls(side, shape, calls, &address)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
