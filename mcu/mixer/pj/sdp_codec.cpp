// SPDX-License-Identifier: GPL-2.0-or-later
#include "sdp_codec.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string>

namespace mcu::pj {
namespace {

// High profile at level 4.1, the largest picture the engine decodes (1080p30; H.264 table A-1: 8192 macroblocks a
// picture, 245760 a second). Some peers count bandwidth from max-fs and max-mbps, so they are said outright.
constexpr struct { const char *name, *value; } kH264[] = {
    {"profile-level-id", "640029"}, {"packetization-mode", "1"}, {"max-fs", "8192"}, {"max-mbps", "245760"}};
// What the engine decodes, the best first (RFC 4629, 8.2.1); a value is the least time between pictures in 1001/30000 s. No annex is
// named: libavcodec knows some, but nobody's picture depends on them.
constexpr struct { const char *name, *value; } kH263[] = {{"CIF4", "1"}, {"CIF", "1"}, {"QCIF", "1"}, {"SQCIF", "1"}},
                                               kH261[] = {{"CIF", "1"}, {"QCIF", "1"}};   // RFC 4587, 6.1.1

constexpr struct {
    rtp::PayloadFormat format;
    pjmedia_format_id id;
    unsigned payload_type;   // static ones are RFC 3551's; the others are those of pjmedia, in offers that we don't make
    const char *name, *description;
} kCodecs[] = {
    {rtp::PayloadFormat::H264, PJMEDIA_FORMAT_H264, PJMEDIA_RTP_PT_H264, "H264", "H.264 in the mixer's engine"},
    {rtp::PayloadFormat::H263_4629, PJMEDIA_FORMAT_H263P, PJMEDIA_RTP_PT_H263P, "H263-1998", "H.263 in the mixer's engine"},
    {rtp::PayloadFormat::H263_2190, PJMEDIA_FORMAT_H263, PJMEDIA_RTP_PT_H263, "H263", "H.263 in the mixer's engine, RFC 2190"},
    {rtp::PayloadFormat::H261, PJMEDIA_FORMAT_H261, PJMEDIA_RTP_PT_H261, "H261", "H.261 in the mixer's engine"},
};

pj_str_t text(const char *literal) { return pj_str(const_cast<char *>(literal)); }

pj_status_t test_alloc(pjmedia_vid_codec_factory *, const pjmedia_vid_codec_info *info) {
    const bool known = std::ranges::any_of(kCodecs, [&](const auto &codec) { return codec.id == pjmedia_format_id(info->fmt_id); });
    return known ? PJ_SUCCESS : PJMEDIA_CODEC_EUNSUP;
}

void add_fmtp(pjmedia_codec_fmtp &fmtp, const auto &parameters) {
    for (const auto &[name, value] : parameters) fmtp.param[fmtp.cnt++] = {text(name), text(value)};
}

pj_status_t default_attr(pjmedia_vid_codec_factory *, const pjmedia_vid_codec_info *info, pjmedia_vid_codec_param *param) {
    *param = {};
    param->dir = PJMEDIA_DIR_ENCODING_DECODING;
    param->packing = PJMEDIA_VID_PACKING_PACKETS;
    pjmedia_format_init_video(&param->enc_fmt, info->fmt_id, 1280, 720, 30, 1);
    pjmedia_format_init_video(&param->dec_fmt, PJMEDIA_FORMAT_I420, 1920, 1080, 30, 1);
    param->enc_mtu = 1300;
    if (info->fmt_id == PJMEDIA_FORMAT_H264) add_fmtp(param->dec_fmtp, kH264);
    else if (info->fmt_id == PJMEDIA_FORMAT_H261) add_fmtp(param->dec_fmtp, kH261);
    else add_fmtp(param->dec_fmtp, kH263);
    return PJ_SUCCESS;
}

pj_status_t enum_info(pjmedia_vid_codec_factory *, unsigned *count, pjmedia_vid_codec_info codecs[]) {
    if (*count < std::size(kCodecs)) return PJ_ETOOSMALL;
    *count = 0;
    for (const auto &ours : kCodecs) {
        auto &codec = codecs[(*count)++];
        codec = {};
        codec.fmt_id = ours.id;
        codec.pt = ours.payload_type;
        codec.encoding_name = text(ours.name);
        codec.encoding_desc = text(ours.description);
        codec.clock_rate = 90000;
        codec.dir = PJMEDIA_DIR_ENCODING_DECODING;
        codec.dec_fmt_id_cnt = 1;
        codec.dec_fmt_id[0] = PJMEDIA_FORMAT_I420;
        codec.packings = PJMEDIA_VID_PACKING_PACKETS;
    }
    return PJ_SUCCESS;
}

pj_status_t alloc_codec(pjmedia_vid_codec_factory *, const pjmedia_vid_codec_info *, pjmedia_vid_codec **) {
    return PJMEDIA_CODEC_EUNSUP;
}

pj_status_t dealloc_codec(pjmedia_vid_codec_factory *, pjmedia_vid_codec *) { return PJ_SUCCESS; }

pjmedia_vid_codec_factory_op operations = {test_alloc, default_attr, enum_info, alloc_codec, dealloc_codec};
pjmedia_vid_codec_factory factory = {};

std::string fmtp_value(pjmedia_sdp_media *media, unsigned index, const char *name) {
    pjmedia_codec_fmtp fmtp;
    if (pjmedia_stream_info_parse_fmtp(nullptr, media, pj_strtoul(&media->desc.fmt[index]), &fmtp) != PJ_SUCCESS) return {};
    for (unsigned i = 0; i < fmtp.cnt; ++i)
        if (pj_stricmp2(&fmtp.param[i].name, name) == 0)
            return {fmtp.param[i].val.ptr, size_t(fmtp.param[i].val.slen)};
    return {};
}

bool is_profile_level_id(const std::string &value) {
    return value.size() == 6 && std::all_of(value.begin(), value.end(), [](char c) { return pj_isxdigit(c); });
}

// Every profile matches: the engine decodes what comes. The answer repeats the offer's profile and packetization mode,
// which RFC 6184, 8.2.2 wants to be the same on both sides; Asterisk takes another profile_idc for another format.
pj_status_t match_h264(pj_pool_t *pool, pjmedia_sdp_media *offer, unsigned offer_index, pjmedia_sdp_media *answer,
                       unsigned answer_index, unsigned option) {
    if (!(option & PJMEDIA_SDP_NEG_FMT_MATCH_ALLOW_MODIFY_ANSWER) || !pool) return PJ_SUCCESS;
    auto *attribute = pjmedia_sdp_media_find_attr2(answer, "fmtp", &answer->desc.fmt[answer_index]);
    if (!attribute) return PJ_SUCCESS;
    std::string profile = fmtp_value(offer, offer_index, "profile-level-id");
    if (!is_profile_level_id(profile)) profile = kH264[0].value;
    const std::string mode = fmtp_value(offer, offer_index, "packetization-mode") == "1" ? "1" : "0";
    const pj_str_t &type = answer->desc.fmt[answer_index];
    const std::string value = std::string(type.ptr, size_t(type.slen)) + " profile-level-id=" + profile +
                              "; packetization-mode=" + mode + "; max-fs=" + kH264[2].value + "; max-mbps=" + kH264[3].value;
    pj_strdup2(pool, &attribute->value, value.c_str());
    return PJ_SUCCESS;
}

}  // namespace

rtp::PayloadFormat format_in_sdp(const pj_str_t &encoding_name) {
    for (const auto &codec : kCodecs)
        if (pj_stricmp2(&encoding_name, codec.name) == 0) return codec.format;
    throw std::invalid_argument("codec");
}

void register_codecs() {
    factory.op = &operations;
    const pj_str_t name = text("H264");
    if (pjmedia_vid_codec_mgr_register_factory(nullptr, &factory) != PJ_SUCCESS)
        throw std::runtime_error("pjmedia takes no video codec: is pjsua initialised?");
    pjmedia_sdp_neg_register_fmt_match_cb(&name, &match_h264);
}

void unregister_codecs() {
    const pj_str_t name = text("H264");
    pjmedia_sdp_neg_register_fmt_match_cb(&name, nullptr);
    if (pjmedia_vid_codec_mgr_instance()) pjmedia_vid_codec_mgr_unregister_factory(nullptr, &factory);
}

}  // namespace mcu::pj
