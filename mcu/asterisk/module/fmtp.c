/*
 * Video patch bay for Asterisk: what a channel's video formats allow.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "video_router.h"

void vr_fmtp_append(const struct ast_format *format, struct ast_str **str)
{
	struct ast_str *line = ast_str_create(256);
	char *rest;
	char *parameter;
	const char *separator = "";

	if (!line) {
		return;
	}
	ast_format_generate_sdp_fmtp(format, 0, &line);
	rest = ast_str_buffer(line);
	/* "a=fmtp:0 name=value;name=value\r\n", or nothing */
	if (ast_begins_with(rest, "a=fmtp:") && (rest = strchr(rest, ' '))) {
		rest[strcspn(rest, "\r\n")] = '\0';
		while ((parameter = strsep(&rest, ";"))) {
			parameter = ast_strip(parameter);
			if (*parameter) {
				ast_str_append(str, 0, "%s%s", separator, parameter);
				separator = ";";
			}
		}
	}
	ast_free(line);
}

void vr_fmtp_channel(struct ast_channel *chan, struct ast_str **str)
{
	struct ast_stream *stream = ast_channel_get_default_stream(chan, AST_MEDIA_TYPE_VIDEO);
	const struct ast_format_cap *cap;
	struct ast_format *format;
	size_t count;
	size_t i;

	if (!stream || ast_stream_get_state(stream) == AST_STREAM_STATE_REMOVED || !(cap = ast_stream_get_formats(stream))) {
		return;
	}
	count = ast_format_cap_count(cap);
	for (i = 0; i < count; i++) {
		format = ast_format_cap_get_format(cap, i);
		ast_str_append(str, 0, "%s%s ", i ? "|" : "", ast_format_get_codec_name(format));
		vr_fmtp_append(format, str);
		ast_str_trim_blanks(*str); /* of a format without parameters only its name stays */
		ao2_ref(format, -1);
	}
}
