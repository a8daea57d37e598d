#!/bin/sh
export CODER_AGENT_TOKEN=${token}
${init_script}
