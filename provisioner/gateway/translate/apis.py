"""The APIs that an upstream may have behind, by the name the configuration gives them."""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.gateway.translate.anthropic_answer import AnthropicAnswer
from provisioner.gateway.translate.anthropic_request import write_messages
from provisioner.gateway.translate.anthropic_trouble import anthropic_trouble
from provisioner.gateway.translate.chat_answer import ChatAnswer
from provisioner.gateway.translate.chat_request import write_chat
from provisioner.gateway.translate.chat_trouble import chat_trouble
from provisioner.gateway.translate.gemini_answer import GeminiAnswer
from provisioner.gateway.translate.gemini_request import write_gemini, write_vertex
from provisioner.gateway.translate.gemini_trouble import gemini_trouble
from provisioner.gateway.translate.protocol import Api

__all__ = ["APIS"]

APIS: Mapping[str, Api] = {
    api.name: api
    for api in (
        Api("openai-chat", "Authorization", write_chat, ChatAnswer, chat_trouble),
        Api("anthropic", "X-Api-Key", write_messages, AnthropicAnswer, anthropic_trouble),
        Api("gemini", "x-goog-api-key", write_gemini, GeminiAnswer, gemini_trouble),
        Api("vertex", "Authorization", write_vertex, GeminiAnswer, gemini_trouble),
    )
}
