/*
 * Format parameters of H.264, H.263 and H.261 for Asterisk.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

/*!
 * \file
 * \brief What a=fmtp says of H.264 (RFC 6184 8.1), H.263 (RFC 4629 8.1) and H.261 (RFC 4587 6.1), from the offer to the answer.
 *
 * In place of Asterisk's res_format_attr_h264 and res_format_attr_h263. These say nothing in an offer of our own, which means
 * level 1 and QCIF: a terminal that we call would send a stamp; there is none for H.261; and H.263's answers with annexes
 * that a terminal may believe we asked for. Kept is what bounds a receiver. The rest are options that a sender may leave
 * unused, or describe a stream already made (sprop-parameter-sets, whose comma would end an argument in the dialplan).
 *
 * A module of its own, since an interface of formats can't be taken back: the video router is to be unloaded.
 */

#ifndef AST_MODULE
#define AST_MODULE "res_format_attr_h26x"
#endif
#ifndef AST_MODULE_SELF_SYM
#define AST_MODULE_SELF_SYM __internal_res_format_attr_h26x_self
#endif

#include "asterisk.h"

#include "asterisk/format.h"
#include "asterisk/module.h"
#include "asterisk/strings.h"
#include "asterisk/utils.h"

#define MOST_NAMES 12
#define PROFILE_LEVEL_ID 10
#define LEVEL 5
#define PROFILE 6

/*! \brief A codec's parameters, in the order in which they are told again. SDP's buffer for a line takes 255 characters: H.264's just fit. */
struct family {
	/*! Which of the names say enough that nothing of ours is told in their place, a bit each */
	unsigned int enough;
	/*! Which are hexadecimal, of six digits */
	unsigned int hexadecimal;
	/*! What we say of ourselves to a peer that told too little, or nothing yet */
	const char *ours;
	const char *names[MOST_NAMES];
};

/*! \brief In packetization-mode 0, which every terminal knows; what comes may be of either */
static const struct family h264 = {
	.enough = ~0U, /* an answer without the offer's packetization-mode would be for another one */
	.hexadecimal = 1 << PROFILE_LEVEL_ID,
	.ours = "max-mbps=108000;max-fs=3600;level-asymmetry-allowed=1;profile-level-id=42801F",
	.names = { "max-mbps", "max-fs", "max-cpb", "max-dpb", "max-br", "max-smbps", "max-fps", "max-rcmd-nalu-size",
		"level-asymmetry-allowed", "packetization-mode", [PROFILE_LEVEL_ID] = "profile-level-id" },
};

/*! \brief A level (H.263 Annex X) stands for sizes. MAXBR is told by older terminals. */
static const struct family h26x = {
	.enough = 0x1f | 1 << LEVEL, /* a size */
	.ours = "CIF=1;QCIF=1",
	.names = { "CIF16", "CIF4", "CIF", "QCIF", "SQCIF", [LEVEL] = "LEVEL", "PROFILE", "MAXBR" },
};

/*! \brief What a peer told, 0 where nothing: no parameter of these says something by it, but a profile beside its level */
struct attr {
	unsigned int values[MOST_NAMES];
};

static const struct family *family_of(const struct ast_format *format)
{
	return strcmp(ast_format_get_codec_name(format), "h264") ? &h26x : &h264;
}

static void attr_destroy(struct ast_format *format)
{
	ast_free(ast_format_get_attribute_data(format));
}

static int attr_clone(const struct ast_format *from, struct ast_format *to)
{
	const struct attr *told = ast_format_get_attribute_data(from);
	struct attr *copy = ast_calloc(1, sizeof(*copy));

	if (!copy) {
		return -1;
	}
	if (told) {
		*copy = *told;
	}
	ast_format_set_attribute_data(to, copy);
	return 0;
}

/*! \brief Two of a codec are one: what a receiver takes decides how it is sent to. Only profiles of H.264 are apart. */
static enum ast_format_cmp_res attr_cmp(const struct ast_format *one, const struct ast_format *other)
{
	const struct attr *first = ast_format_get_attribute_data(one);
	const struct attr *second = ast_format_get_attribute_data(other);

	if (family_of(one) == &h264 && first && second && first->values[PROFILE_LEVEL_ID] && second->values[PROFILE_LEVEL_ID]
		&& first->values[PROFILE_LEVEL_ID] >> 16 != second->values[PROFILE_LEVEL_ID] >> 16) {
		return AST_FORMAT_CMP_NOT_EQUAL;
	}
	return AST_FORMAT_CMP_EQUAL;
}

static struct ast_format *attr_joint(const struct ast_format *one, const struct ast_format *other)
{
	return ast_format_clone(ast_format_get_attribute_data(one) ? one : other);
}

/*! \brief Nothing but digits: at most nine, or exactly six hexadecimal ones */
static int read_number(const char *text, int hexadecimal, unsigned int *value)
{
	size_t length = strspn(text, hexadecimal ? "0123456789ABCDEFabcdef" : "0123456789");

	if (text[length] || (hexadecimal ? length != 6 : length < 1 || length > 9)) {
		return 0;
	}
	*value = strtoul(text, NULL, hexadecimal ? 16 : 10);
	return 1;
}

/*! \brief "CIF=2" into values; whatever else it is, is passed over */
static void read_parameter(const struct family *family, struct attr *attr, const char *parameter)
{
	char name[32];
	unsigned int value;
	size_t i;
	int end = 0;

	if (sscanf(parameter, "%31[A-Za-z0-9-]=%n", name, &end) < 1 || !end) {
		return;
	}
	for (i = 0; i < MOST_NAMES && family->names[i]; i++) {
		int hexadecimal = family->hexadecimal >> i & 1;

		if (!strcasecmp(name, family->names[i]) && !attr->values[i] && read_number(parameter + end, hexadecimal, &value)) {
			attr->values[i] = value;
		}
	}
}

static struct ast_format *attr_parse(const struct ast_format *format, const char *text)
{
	struct ast_format *parsed = ast_format_clone(format);
	const struct family *family = family_of(format);
	struct attr *attr;
	char *rest = ast_strdupa(text);
	char *parameter;

	if (!parsed) {
		return NULL;
	}
	attr = ast_format_get_attribute_data(parsed);
	memset(attr, 0, sizeof(*attr));
	while ((parameter = strsep(&rest, "; "))) { /* older terminals put blanks between them */
		read_parameter(family, attr, ast_strip(parameter));
	}
	return parsed;
}

static int tells_enough(const struct family *family, const struct attr *attr)
{
	size_t i;

	for (i = 0; attr && i < MOST_NAMES; i++) {
		if (family->enough >> i & 1 && attr->values[i]) {
			return 1;
		}
	}
	return 0;
}

static void attr_generate(const struct ast_format *format, unsigned int payload, struct ast_str **str)
{
	const struct family *family = family_of(format);
	const struct attr *attr = ast_format_get_attribute_data(format);
	const char *separator = "";
	/* VIDEO_FMTP() asks with 0, which no video has: for what the peer told, not for what we would tell it. */
	int ours = payload && !tells_enough(family, attr);
	size_t start = ast_str_strlen(*str);
	size_t i;

	ast_str_append(str, 0, "a=fmtp:%u ", payload);
	if (ours) {
		ast_str_append(str, 0, "%s", family->ours);
		separator = ";";
	}
	for (i = 0; attr && !ours && i < MOST_NAMES && family->names[i]; i++) {
		if (attr->values[i] || (family == &h26x && i == PROFILE && attr->values[LEVEL])) {
			ast_str_append(str, 0, family->hexadecimal >> i & 1 ? "%s%s=%06X" : "%s%s=%u", separator, family->names[i], attr->values[i]);
			separator = ";";
		}
	}
	if (*separator) {
		ast_str_append(str, 0, "\r\n");
	} else {
		ast_str_truncate(*str, start);
	}
}

static const struct ast_format_interface interface = {
	.format_destroy = attr_destroy,
	.format_clone = attr_clone,
	.format_cmp = attr_cmp,
	.format_get_joint = attr_joint,
	.format_parse_sdp_fmtp = attr_parse,
	.format_generate_sdp_fmtp = attr_generate,
};

static int load_module(void)
{
	static const char *const codecs[] = { "h264", "h263p", "h263", "h261" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(codecs); i++) {
		if (ast_format_interface_register(codecs[i], &interface)) {
			return AST_MODULE_LOAD_DECLINE;
		}
	}
	return AST_MODULE_LOAD_SUCCESS;
}

static int unload_module(void)
{
	return -1;
}

AST_MODULE_INFO(ASTERISK_GPL_KEY, AST_MODFLAG_LOAD_ORDER, "Format parameters of H.264, H.263 and H.261",
	.support_level = AST_MODULE_SUPPORT_EXTENDED,
	.load = load_module,
	.unload = unload_module,
	.load_pri = AST_MODPRI_CHANNEL_DEPEND,
);
